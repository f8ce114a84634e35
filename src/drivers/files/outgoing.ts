import type { RunId } from '../../plan/ids.ts';
import type { FilesTarget } from '../../plan/plan.ts';
import type { Look, Recorded } from '../contract.ts';
import { DriverError } from '../errors.ts';
import { parseBody } from './body.ts';
import { namesOf } from './entry-swap.ts';
import { placeDuring, roomOf } from './place.ts';
import { isThere } from './room.ts';
import { treeDigest } from './tree-digest.ts';

/**
 * That what a run set aside is what was recorded before: what somebody saved there in between is in no record, and what
 * lies aside is all that there is of it. Nothing is asked where nothing lies aside.
 * @throws DriverError refused, naming where it lies and never what it holds
 */
export async function mustBeRecorded(
  target: FilesTarget,
  of: RunId,
  recorded: Recorded,
  { signal }: Pick<Look, 'signal'>,
): Promise<void> {
  const place = await placeDuring(of, target);
  const room = roomOf(place, of);
  const outgoing = place.shape === 'directory' ? room.outgoing : namesOf(place, room).outgoing;
  if (!(await isThere(outgoing))) return;
  const { digest } = parseBody(place.path, recorded.body);
  if ((await treeDigest(outgoing, { signal })) === digest) return;
  throw new DriverError(
    'refused',
    `files ${place.path}: expected what was recorded before the run, found it changed by somebody since; theirs is kept as ${outgoing}, and nothing of it is dropped`,
    { next: `copy what you need of it, then remove ${room.path}` },
  );
}
