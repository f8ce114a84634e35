import { access, constants, statfs } from 'node:fs/promises';
import type { FilesTarget } from '../../plan/plan.ts';
import type { Evidence, Look, Recorded } from '../contract.ts';
import type { DriverError } from '../errors.ts';
import { parseBody } from './body.ts';
import { sizeText } from './content.ts';
import { mountsIn, mustHaveNoMounts } from './mounts.ts';
import { type Place, placeOf } from './place.ts';

/** Room for the files' own blocks and the directories beside them. */
const SPARE = 1024 * 1024;

/** Looks at the record, the live path, mounts, rights and space. Changes nothing. @throws DriverError, or the system's error */
export async function judgeStaging(target: FilesTarget, from: Recorded, look: Look): Promise<Evidence> {
  const body = parseBody(target.path, from.body);
  const place = await placeOf(target);
  look.signal.throwIfAborted();
  if (place.shape !== body.shape) {
    return failed(
      `${place.path}: the release recorded a ${word(body.shape)}, found a ${word(place.shape)}; move it away and put a ${word(body.shape)} there`,
    );
  }
  if (place.shape === 'directory') await mustHaveNoMounts(place.path);
  if (place.shape === 'entry' && (await mountsIn(place.parent)).below.includes(place.path)) {
    return failed(`${place.path}: it is a mount point and cannot be renamed; name the file that is mounted there`);
  }
  await access(home(place), constants.W_OK | constants.X_OK);
  const needed = Math.ceil((body.tar.length * 3) / 4) + SPARE;
  const { bavail, bsize } = await statfs(home(place));
  const free = bavail * bsize;
  const space = `${sizeText(needed)} needed, ${sizeText(free)} free on the filesystem of ${home(place)}`;
  return free < needed ? failed(space) : { verdict: 'passed', reason: space };
}

/** An error as evidence: what may pass by itself proves nothing either way. */
export function evidenceOf(error: DriverError): Evidence {
  const reason = error.next === undefined ? error.message : `${error.message}; ${error.next}`;
  return { verdict: error.kind === 'unavailable' ? 'inconclusive' : 'failed', reason };
}

const home = (place: Place): string => (place.shape === 'directory' ? place.path : place.parent);
const word = (shape: Place['shape']): string => (shape === 'directory' ? 'directory' : 'file or link');
const failed = (reason: string): Evidence => ({ verdict: 'failed', reason });
