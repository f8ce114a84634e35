import { rename } from 'node:fs/promises';
import { join } from 'node:path';
import type { RunId } from '../../plan/ids.ts';
import { type FilesBody, unpacked } from './body.ts';
import { realDisk } from './disk.ts';
import { namesOf } from './entry-swap.ts';
import { type Place, roomOf } from './place.ts';
import { completeRoom, openRoom } from './room.ts';
import { unpackTree } from './tree.ts';

/** Unpacks the record beside the live target and reads it back. Begins anew over the part of an earlier try. @throws DriverError */
export async function fill(place: Place, run: RunId, body: FilesBody, signal: AbortSignal): Promise<void> {
  const room = roomOf(place, run);
  const staged = await openRoom(room, signal);
  await unpackTree(unpacked(body), staged, { signal });
  const expected = { signal, expected: body.digest };
  if (place.shape === 'directory') {
    await completeRoom(room, expected);
    return;
  }
  await realDisk.makeDirectory(room.outgoing);
  const entry = namesOf(place, room).staged;
  // The plan may call it otherwise now than when it was recorded.
  if (body.name !== place.name) await rename(join(staged, body.name), entry);
  await realDisk.syncDirectory(staged);
  await completeRoom(room, { ...expected, tree: entry });
}
