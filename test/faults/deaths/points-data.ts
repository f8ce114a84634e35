import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { JournalEntry } from '../../../src/executor/contract.ts';
import type { DataChoice } from '../../../src/plan/plan.ts';
import type { RollbackRequest } from '../../../src/plan/rollback-request.ts';
import { journalNow } from '../../platforms/kill-points.ts';
import { effectsSaid, findFalse, isBegun, isEnded } from './journal-says.ts';
import { asSeen, type Point, type Scene, whileHeld } from './point.ts';
import { abortInVerify } from './points-undo.ts';

/** Where this platform's snapshots lie: published ones, and one that is being written. */
const homeOf = ({ stand }: Scene): string => join(stand.snapshots, stand.platform);
const namesIn = (directory: string): string[] => (existsSync(directory) ? readdirSync(directory) : []);
const writing = (scene: Scene): string | undefined => namesIn(homeOf(scene)).find(name => name.startsWith('.writing-'));

/** Bytes of the store's capture that are on the disk by now. */
function written(scene: Scene): number {
  const name = writing(scene);
  const file = name === undefined ? '' : join(homeOf(scene), name, 'data.tar.zst');
  return existsSync(file) ? statSync(file).size : 0;
}

/** Published by this run: its manifest is the last thing that is written. */
function published(scene: Scene): string[] {
  const home = homeOf(scene);
  return namesIn(home).filter(name => {
    const manifest = join(home, name, 'manifest.json');
    return !name.startsWith('.') && existsSync(manifest) && readFileSync(manifest, 'utf8').includes(scene.run);
  });
}

const CAPTURE = { step: 'capture-stopped', activity: 'captureStopped' } as const;

/** Kills while the one that is being captured is large enough to take a while. */
export const CAPTURING: readonly Point[] = [
  asSeen({
    ...CAPTURE,
    name: 'snapshot, its bytes being written',
    seen: scene => written(scene) > 0 || published(scene).length > 0,
    missed: at =>
      published(at).length > 0 ? 'it was published' : written(at) > 0 ? undefined : 'nothing was written yet',
  }),
  whileHeld({
    ...CAPTURE,
    name: 'snapshot, written and not published',
    moment: 'unheard',
    call: ({ verb }, scene) => verb === 'list' && written(scene) > 0,
    claim: { done: ['stop-tiers store stop'], neither: ['swap-in store rename-outgoing'] },
  }),
  asSeen({
    ...CAPTURE,
    name: "snapshot, published and its step's end not told",
    seen: scene => published(scene).length > 0,
    missed: at =>
      published(at).length === 0
        ? 'nothing was published'
        : isEnded(at.journal, 'capture-stopped')
          ? 'the next step had begun'
          : undefined,
  }),
];

/** The rows of the release's capture come back; what was written since is given up, as somebody accepted. */
const CEILING = 1_000;
const RESTORE: { request: Partial<RollbackRequest> } = {
  request: { data: { data: 'restore' as DataChoice }, lossCeiling: CEILING } as Partial<RollbackRequest>,
};

const roomOf = ({ volume, run }: Scene): string => join(volume, '.lastgood', run);
/** Whose entries stand at the top of the volume, as the swap's own journal on the disk says. */
function stageOf(scene: Scene): string {
  try {
    return (JSON.parse(readFileSync(join(roomOf(scene), 'journal.json'), 'utf8')) as { stage: string }).stage;
  } catch {
    return 'none';
  }
}
/** A swap of which some entries have moved and others have not: two renames lie on either side of the kill. */
function isBetween(scene: Scene): boolean {
  const stage = stageOf(scene);
  if (stage !== 'outgoing' && stage !== 'staged') return false;
  const [top, aside] = [scene.volume, join(roomOf(scene), stage === 'outgoing' ? 'outgoing' : 'staged')];
  return namesIn(top).length > 1 && namesIn(aside).length > 0;
}

export const RESTORING: readonly Point[] = [
  asSeen({
    ...RESTORE,
    name: 'stage, a snapshot being unpacked',
    step: 'stage',
    activity: 'stageRelease',
    seen: scene => namesIn(join(roomOf(scene), 'staged')).length > 0,
    missed: at => (existsSync(join(roomOf(at), 'complete.json')) ? 'it was unpacked to its end' : undefined),
  }),
  whileHeld({
    ...RESTORE,
    name: 'capture-live, rows counted and the loss not judged',
    step: 'capture-live',
    activity: 'captureLive',
    moment: 'unheard',
    call: ({ verb }, { entries }) => verb === 'volume' && entries().some(({ fact }) => fact.type === 'rows'),
    claim: { neither: ['stop-tiers front policy-aside'] },
  }),
  asSeen({
    ...RESTORE,
    name: 'restore of a volume, between two renames',
    step: 'swap-in',
    activity: 'swapIn',
    seen: scene => isBetween(scene) || effectsSaid(scene.entries()).get('swap-in data swap-in') === 'done',
    missed: at => (isBetween(at) ? undefined : `it stands at ${stageOf(at)}`),
  }),
  asSeen({
    ...RESTORE,
    name: 'undo of a volume, between two renames',
    step: 'swap-in',
    direction: 'undo',
    outcome: 'reverted',
    activity: 'swapBack',
    first: abortInVerify,
    seen: scene =>
      isBegun(scene.entries(), 'swap-in', 'undo') && (isBetween(scene) || isEnded(scene.entries(), 'swap-in', 'undo')),
    missed: at => (isBetween(at) ? undefined : `it stands at ${stageOf(at)}`),
  }),
];

/** Of the watch over the run, which works under an id of its own: whatever this platform's journals say. */
const watching = ({ stand }: Scene): readonly JournalEntry[] => {
  const home = join(stand.state, 'journals', stand.platform);
  return namesIn(home).flatMap(file => journalNow(stand, file.slice(0, -'.jsonl'.length)));
};

/** Aftercare drops by a journal of its own, and says whose what it drops was. */
const removed = (target: string, { run }: Scene): string => `record ${target} remove@${run}`;

/** After the run: what it replaced is exported, and then dropped. There is no activity of the run's own under way. */
export const SETTLING: readonly Point[] = [
  asSeen({
    ...RESTORE,
    name: 'aftercare, what was replaced being exported',
    step: 'judge-front-door',
    seen: scene => written(scene) > 0 || published(scene).length > 0,
    missed: at => (published(at).length > 0 ? 'it was exported to its end' : undefined),
  }),
  {
    ...whileHeld({
      ...RESTORE,
      name: 'aftercare, one container of before removed, another to be',
      step: 'judge-front-door',
      moment: 'unheard',
      call: ({ verb, name }) => verb === 'remove' && name.startsWith('front.lg-prev-'),
      claim: {},
      meanwhile: scene => effectsSaid(watching(scene)).get(removed('work', scene)) === 'done',
    }),
    missed: at => findFalse(watching(at), { done: [removed('work', at)], begun: [removed('front', at)] }),
  },
];
