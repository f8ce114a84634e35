import { randomBytes } from 'node:crypto';
import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { deploySmall } from '../../../testbed/small/platform.ts';
import { VOLUME } from '../../../testbed/small/requests.ts';
import { well } from '../../platforms/ground.ts';
import type { Stand } from '../../platforms/stand.ts';

/** So many that swapping them takes a while, and so large that capturing them does. */
const ENTRIES = 3_000;
const LARGE = 48 * 1024 * 1024;

const volumeOf = async ({ engine }: Stand): Promise<string> =>
  (await engine.client.getVolume(VOLUME).inspect()).Mountpoint;

/** Puts data of some size beside the store's journal. */
export async function fillStore(stand: Stand): Promise<void> {
  const volume = await volumeOf(stand);
  for (let index = 0; index < ENTRIES; index += 1)
    writeFileSync(join(volume, `row-${index}`), `${index} ${randomBytes(8).toString('hex')}\n`);
  writeFileSync(join(volume, 'large'), randomBytes(LARGE));
}

/**
 * Captures the stores of v1 in the course of a deploy, its gate shut. Returns what brings the rows back to those of the
 * capture, so that what a run loses is what was written in its own time.
 */
export async function captureGood(stand: Stand): Promise<() => Promise<void>> {
  const { client } = stand.engine;
  await deploySmall(client, stand.small, { to: 'v1' });
  const rows = join(await volumeOf(stand), 'journal.log');
  // Nobody has written yet, and a store without its rows cannot be counted.
  appendFileSync(rows, 'one\ntwo\nthree\n');
  await client.getContainer('gate').stop();
  await well(stand.cli('release', 'record', stand.platform, '--capture'));
  const captured = readFileSync(rows);
  return async () => writeFileSync(rows, captured);
}
