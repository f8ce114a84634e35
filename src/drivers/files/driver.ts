import type { FilesTarget } from '../../plan/plan.ts';
import type { TargetState } from '../../plan/run-plan.ts';
import type { Driver, Recorded } from '../contract.ts';
import { DriverError } from '../errors.ts';
import { packBody, parseBody } from './body.ts';
import { evidenceOf, judgeStaging } from './can-stage.ts';
import { type Content, labelOf, readContent } from './content.ts';
import { checkStagedEntry, swapEntryBack, swapEntryIn } from './entry-swap.ts';
import { asDriverError, saying } from './fault.ts';
import { clear, moving, notStaged, wholeDirectory } from './moves.ts';
import { mustBeRecorded } from './outgoing.ts';
import { type Place, placeDuring, placeOf, roomOf } from './place.ts';
import { findCompleted } from './room.ts';
import { fill } from './staging.ts';
import { checkStaged, swapBack, swapIn } from './swap.ts';

export interface FilesDriverOptions {
  /** A keyed hash: contents may be secrets that could be guessed from a plain one. */
  readonly fingerprint: (text: string) => string;
}

/** Configuration files and directories of the worker's own host. */
export function createFilesDriver({ fingerprint }: FilesDriverOptions): Driver<FilesTarget> {
  const stateOf = (target: FilesTarget, place: Place, content: Content): TargetState => ({
    target: target.id,
    // The path, not the inode: a file that was replaced is still this target.
    identity: place.path,
    version: fingerprint(`content ${content.content}`),
    settings: fingerprint(`attributes ${content.attributes}`),
    activity: 'none',
    label: labelOf(content),
  });

  return {
    commits: 'stopped',

    observe: (target, { signal }) =>
      saying(`observe files ${target.path}`, async () => {
        const place = await placeOf(target);
        return stateOf(target, place, await readContent(place.path, signal));
      }),

    record: (target, { signal }) => saying(`record files ${target.path}`, () => record(target, signal, stateOf)),

    async canStage(target, from, look) {
      try {
        return await judgeStaging(target, from, look);
      } catch (error) {
        return evidenceOf(asDriverError(`stage files ${target.path}`, error));
      }
    },

    stage: (target, from, call) =>
      saying(`stage files ${target.path}`, async () => {
        const body = parseBody(target.path, from.body);
        const place = await placeOf(target);
        if (place.shape !== body.shape) throw otherShape(place);
        const room = roomOf(place, call.run);
        const isDone = async () => ((await findCompleted(room))?.digest === body.digest ? true : undefined);
        if (await isDone()) return { changed: false, note: 'staged already' };
        await call.effect({ name: 'stage', isDone, act: signal => fill(place, call.run, body, signal) });
        return { changed: true, note: 'staged and read back' };
      }),

    checkStaged: (target, of, _release, { signal }) =>
      saying(`look at what was staged of ${target.path}`, async () => {
        const place = await placeDuring(of, target);
        if (place.shape === 'directory') return checkStaged({ root: place.path, run: of, signal });
        return checkStagedEntry(place, roomOf(place, of), signal);
      }),

    swapIn: (target, call) =>
      moving('swap in', target, call, async (place, position) => {
        if (position === 'after') return { changed: false, note: 'swapped in already' };
        if (position === 'none' || position === 'unfinished') throw notStaged(place);
        if (place.shape === 'entry') await swapEntryIn(place, roomOf(place, call.run), call);
        else await wholeDirectory('swap-in', 'after', place, call, swapIn);
        return { changed: true, note: 'swapped in' };
      }),

    swapBack: (target, call) =>
      moving('swap back', target, call, async (place, position) => {
        if (position !== 'after' && position !== 'between') return { changed: false, note: 'not swapped in' };
        if (place.shape === 'entry') await swapEntryBack(place, roomOf(place, call.run), call);
        else await wholeDirectory('swap-back', 'before', place, call, swapBack);
        return { changed: true, note: 'swapped back' };
      }),

    mustBeRecorded: (target, of, recorded, look) =>
      saying(`look at what was set aside of files ${target.path}`, () => mustBeRecorded(target, of, recorded, look)),
    settle: (target, call) => moving('settle', target, call, place => clear('settle', place, call)),
    drop: (target, call) => moving('drop', target, call, place => clear('drop', place, call)),
  };
}

async function record(
  target: FilesTarget,
  signal: AbortSignal,
  stateOf: (target: FilesTarget, place: Place, content: Content) => TargetState,
): Promise<Recorded> {
  const place = await placeOf(target);
  const content = await readContent(place.path, signal);
  const body = await packBody(place, content.digest, signal);
  const { digest } = await readContent(place.path, signal);
  if (digest === content.digest) return { state: stateOf(target, place, content), body };
  throw new DriverError(
    'conflict',
    `record files ${place.path}: it changed while it was recorded; nothing was changed by us`,
    {
      next: 'record it again once nothing writes there',
    },
  );
}

const otherShape = (place: Place): DriverError =>
  new DriverError(
    'conflict',
    `stage files ${place.path}: a ${place.shape} now, the release recorded something else; nothing was changed`,
    {
      next: 'move it away, put there what the release had, then try again',
    },
  );
