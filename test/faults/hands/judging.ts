import { outgoingName, type RunId, stagedName } from '../../../src/plan/ids.ts';
import type { RunReport } from '../../../src/run/report.ts';
import type { EngineEvent, RunEvidence } from '../../checker/evidence.ts';
import type { PartName } from '../../checker/part.ts';
import { judgePromises, PROMISES, type PromiseId } from '../../checker/promises.ts';
import type { Stand } from '../../platforms/stand.ts';
import { type Hand, ON_OUR_OWN } from './laying.ts';
import type { Point } from './points.ts';
import type { UnderHand } from './under-hand.ts';

/**
 * What is known of a run under a hand, less what the hand itself did. The containers that it touched are not counted,
 * a claim that it laid hands on is not the run's, and what users were answered through a gate that somebody else
 * had opened is set apart: it may still be of no two versions.
 */
export async function lessTheHand(stand: Stand, hand: Hand, point: Point, ran: UnderHand): Promise<RunEvidence> {
  const { recorder, claims, answers, targets, timeline, ...rest } = ran.evidence;
  const refused = ran.report.outcome === 'refused';
  const until = await overBy(stand, hand, point, ran);
  return {
    ...rest,
    ...(timeline === undefined ? {} : { timeline }),
    ...(recorder === undefined
      ? {}
      : { recorder: recorder.filter(({ target }) => !isTouched(hand, target)).map(one => withImage(stand, one)) }),
    ...(claims === undefined || hand.name.includes('claim') || hand.name.includes('pruned') ? {} : { claims }),
    // What was asked before it may be answered while it lasts.
    ...(answers === undefined
      ? {}
      : { answers: answers.filter(({ at, answeredAt = at }) => !(answeredAt > ran.laidAt && at < until)) }),
    ...(targets === undefined
      ? {}
      : {
          targets: targets.map(target => {
            const after = ran.after.get(target.target);
            // A refused run changed nothing since the hand was laid.
            if (!refused) return target;
            const { observed, ...before } = target;
            return { ...before, now: after ?? { version: '' }, observed: observed ?? { version: '' } };
          }),
        }),
  };
}

/** A start is told by the image's name, which is nobody's any more once the image was removed. */
const withImage = ({ small, good }: Stand, event: EngineEvent): EngineEvent =>
  event.version === small.images.v1 ? { ...event, version: good.get('work')?.version ?? '' } : event;

/** Under whichever name somebody gave it: `work.old`, and what docker-compose calls the one that it replaces. */
const isTouched = ({ touches }: Hand, target: string): boolean =>
  touches.some(name => new RegExp(`^([0-9a-f]{12}_)?${name}(\\.(old|theirs))?$`).test(target));

/** Until when users may have been answered by what the hand had made, opened or started: the run takes it down, or shuts the gate. */
async function overBy(stand: Stand, hand: Hand, point: Point, { laidAt, report }: UnderHand): Promise<string> {
  const run = report.run as RunId;
  const what =
    hand === ON_OUR_OWN.stagedStarted
      ? stagedName('work', run)
      : hand === ON_OUR_OWN.outgoingStarted
        ? outgoingName('work', run)
        : 'gate';
  if (what === 'gate' && !hand.name.startsWith('the gate') && point !== 'judge-front-door') return '';
  const events = await stand.recorder.events();
  return events.find(({ at, name, action }) => name === what && action === 'die' && at > laidAt)?.at ?? '';
}

/** What all answers say, those too that came through what a hand had opened: never two versions at once. */
export const mixes = (hand: Hand, point: Point, { evidence }: UnderHand): readonly string[] =>
  // Whoever starts a staged container, or one that was set aside, or changes a release that users reach, makes a mix by
  // that: what counts is that it ends once it is found.
  hand === ON_OUR_OWN.stagedStarted || hand === ON_OUR_OWN.outgoingStarted || point === 'judge-front-door'
    ? []
    : (judgePromises(evidence).find(({ part }) => part === 'I1.traffic')?.breaches ?? []);

/** Every sentence of a report by itself: what is said of one target and what of another are no one sentence. */
export const sentencesOf = (told: unknown): readonly string[] =>
  typeof told === 'string'
    ? [told]
    : typeof told === 'object' && told !== null
      ? Object.values(told).flatMap(sentencesOf)
      : [];

/** A run that was refused has verified nothing, and captured nothing. */
export const demandedOf = ({ outcome }: RunReport): readonly (PromiseId | PartName)[] =>
  outcome === 'refused' ? ['I1', 'I4', 'I5', 'I6.hash', 'I7'] : PROMISES;
