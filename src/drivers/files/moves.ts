import type { RunId } from '../../plan/ids.ts';
import type { FilesTarget } from '../../plan/plan.ts';
import type { Call, Changed } from '../contract.ts';
import { DriverError } from '../errors.ts';
import { findEntryPosition } from './entry-swap.ts';
import { saying } from './fault.ts';
import { type Place, placeDuring, roomOf } from './place.ts';
import { isRemoved, isThere, removeRoom } from './room.ts';
import { drop, findPosition, type Position, type Swap, settle } from './swap.ts';

/** Looks where the target stands in this run, then moves it. @throws DriverError */
export async function moving(
  verb: string,
  target: FilesTarget,
  call: Call,
  move: (place: Place, position: Position) => Promise<Changed>,
): Promise<Changed> {
  return saying(`${verb} files ${target.path}`, async () => {
    const place = await placeDuring(call.run, target);
    return move(place, await positionOf(place, call.run));
  });
}

const positionOf = (place: Place, run: RunId): Promise<Position> =>
  place.shape === 'directory' ? findPosition({ root: place.path, run }) : findEntryPosition(place, roomOf(place, run));

/** One effect: its own journal inside the directory makes it whole, and tells from the disk how far it came. */
export async function wholeDirectory(
  name: string,
  end: Position,
  place: Place,
  call: Call,
  act: (swap: Swap) => Promise<void>,
): Promise<void> {
  const at = { root: place.path, run: call.run };
  await call.effect({
    name,
    isDone: async () => ((await findPosition(at)) === end ? true : undefined),
    act: signal => act({ ...at, signal, progress: done => call.progress({ current: `checking ${place.path}`, done }) }),
  });
}

/** Removes the room: after a settle there is no way back. @throws DriverError conflict when the swap stands elsewhere */
export async function clear(verb: 'settle' | 'drop', place: Place, call: Call): Promise<Changed> {
  const room = roomOf(place, call.run);
  if (await isRemoved(room))
    return { changed: false, note: verb === 'settle' ? 'settled already' : 'nothing was staged' };
  await call.effect({
    name: verb,
    isDone: async () => (await isRemoved(room)) || undefined,
    act: async signal => {
      const swap = { root: place.path, run: call.run, signal };
      if (place.shape === 'directory') return verb === 'settle' ? settle(swap) : drop(swap);
      const position = await findEntryPosition(place, room);
      const may = verb === 'settle' ? position === 'after' : position === 'before' || position === 'unfinished';
      if (!may && (await isThere(room.path))) throw elsewhere(verb, place, position);
      await removeRoom(room, signal);
    },
  });
  return { changed: true, note: verb === 'settle' ? 'the outgoing one was dropped' : 'what was staged was dropped' };
}

export const notStaged = (place: Place): DriverError =>
  new DriverError('refused', `swap in files ${place.path}: nothing was staged to its end; nothing was changed`, {
    next: 'stage it first',
  });

const elsewhere = (verb: string, place: Place, position: Position): DriverError =>
  new DriverError('conflict', `${verb} files ${place.path}: found ${position} the swap; nothing was changed`, {
    next: 'end the swap first, forward or back',
  });
