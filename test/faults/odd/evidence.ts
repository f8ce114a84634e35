import { join } from 'node:path';
import type Docker from 'dockerode';
import { startRollback } from '../../../src/client/runs.ts';
import type { RollbackRequest } from '../../../src/plan/rollback-request.ts';
import type { RunReport } from '../../../src/run/report.ts';
import { rollbackId } from '../../../src/workflows/messages.ts';
import type { rollback } from '../../../src/workflows/rollback.ts';
import { CANARY } from '../../../testbed/odd/requests.ts';
import type { RunEvidence } from '../../checker/evidence.ts';
import { timelineOf } from '../../checker/timeline.ts';
import { approvedIn } from '../../platforms/approved.ts';
import { capturesOn } from '../../platforms/captures.ts';
import { CAUSES, claimsIn, filesIn, imageIds, journalOf, toEngineEvents } from '../../platforms/evidence.ts';
import type { Ground } from '../../platforms/ground.ts';
import { type Looks, lookAt } from '../../platforms/looks.ts';
import { ending, historyOf, requestOf } from '../../platforms/runs.ts';
import { finished } from '../../workflows/run-of.ts';

/** Every named container by its normalised settings. */
export async function lookAtThese(engine: Docker, names: readonly string[]): Promise<Looks> {
  const looks = await Promise.all(names.map(async name => [name, await lookAt(engine, name)] as const));
  return new Map(looks.flatMap(([name, look]) => (look === undefined ? [] : [[name, look] as const])));
}

export interface Story {
  readonly names: readonly string[];
  readonly url: string;
  /** Its name, which is its container's. */
  readonly gate?: string;
  /** As the release was when it was recorded. */
  readonly good: Looks;
  readonly request?: Partial<RollbackRequest>;
  readonly meanwhile?: (run: string) => Promise<unknown>;
  /** Actions that the platform itself causes, and the targets that do: they are not counted. */
  readonly uncounted?: { readonly target: string; readonly actions: readonly string[] };
}

export interface Told {
  readonly report: RunReport;
  readonly evidence: RunEvidence;
  /** Just before the run. */
  readonly now: Looks;
}

/** One rollback from its start to its report, with all that can be known of it from inside and from outside. */
export async function runStory(ground: Ground, story: Story): Promise<Told> {
  const { engine, at, platform, state } = ground;
  const now = await lookAtThese(engine.client, story.names);
  const since = new Date().toISOString();
  const { run } = await startRollback(at, requestOf(platform, story.request));
  const handle = at.client.workflow.getHandle<typeof rollback>(rollbackId(platform), run);
  const [{ report }] = await ending(run, Promise.all([finished(handle), story.meanwhile?.(run)]));
  const entries = journalOf(state, platform, run);
  const history = await historyOf(ground, run);
  const events = (await ground.recorder.events()).filter(one => one.at >= since);
  const observed = await lookAtThese(engine.client, story.names);
  const ofItself = (target: string, action: string): boolean =>
    target === story.uncounted?.target && story.uncounted.actions.includes(action);
  const evidence: RunEvidence = {
    run,
    journals: [{ platform, run, entries }],
    outcome: report.outcome,
    approved: approvedIn(history, { state, hash: report.runHash }),
    targets: story.names.map(target => {
      const look = observed.get(target);
      return {
        target,
        now: now.get(target) ?? { version: '' },
        release: story.good.get(target) ?? { version: '' },
        ...(look === undefined ? {} : { observed: look }),
      };
    }),
    gates: [{ gate: story.gate ?? 'gate', state: await knockAt(story.url) }],
    timeline: timelineOf(entries),
    recorder: toEngineEvents(events, await imageIds(ground.engine)).filter(
      ({ target, action }) => story.names.includes(target) && !ofItself(target, action),
    ),
    causes: CAUSES,
    captures: await capturesOn(ground),
    texts: [
      { name: 'history', text: history },
      { name: 'journal', text: JSON.stringify(entries) },
      { name: 'report', text: JSON.stringify(report) },
      { name: "the worker's log", text: ground.worker.log() },
      { name: 'what was printed', text: ground.printed.join('\n') },
      ...filesIn(join(state, 'run-plans')),
      ...filesIn(join(state, 'releases')),
    ],
    canaries: [CANARY],
    notifications: ground.pager.heard.filter(one => one.at >= since),
    claims: claimsIn(events),
    decisions: report.heard.map(() => 'heard'),
  };
  return { report, evidence, now };
}

async function knockAt(url: string): Promise<'open' | 'shut' | 'unknown'> {
  try {
    await fetch(url, { signal: AbortSignal.timeout(5_000) });
    return 'open';
  } catch (error) {
    return (error as { cause?: { code?: string } }).cause?.code === 'ECONNREFUSED' ? 'shut' : 'unknown';
  }
}
