import { readFile, rename, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { type Disk, type Path, realDisk } from '../../../src/drivers/files/disk.ts';

export class Crash extends Error {}

export interface Crashing {
  readonly disk: Disk;
  /** Changes made or tried. */
  count(): number;
  /** Takes back every rename whose directories were not flushed since: what a power cut may do. */
  losePower(): Promise<void>;
}

/** A real disk that stops the world at its `at`th change, before it or after it. Nothing works from then on.
 * `flushes` plants a disk that loses, for some directories, what it says it flushed. */
export function crashingDisk(
  at = Number.POSITIVE_INFINITY,
  when: 'before' | 'after' = 'before',
  flushes: (path: string) => boolean = () => true,
): Crashing {
  let count = 0;
  let dead = false;
  let unflushed: { from: Path; to: Path; replaced: Buffer | undefined }[] = [];
  const change = async (act: () => Promise<void>) => {
    if (dead) throw new Crash('the world has stopped already');
    count += 1;
    if (count === at && when === 'before') dead = true;
    if (!dead) await act();
    if (count === at) dead = true;
    if (dead) throw new Crash(`stopped ${when} change ${count}`);
  };
  const disk: Disk = {
    makeDirectory: path => change(() => realDisk.makeDirectory(path)),
    rename: (from, to) =>
      change(async () => {
        const replaced = await readFile(to).catch(() => undefined);
        await realDisk.rename(from, to);
        unflushed.push({ from, to, replaced });
      }),
    writeFile: (path, text) => change(() => realDisk.writeFile(path, text)),
    setAttributes: (path, attributes) => change(() => realDisk.setAttributes(path, attributes)),
    syncDirectory: path =>
      change(async () => {
        await realDisk.syncDirectory(path);
        if (flushes(path)) unflushed = unflushed.filter(({ from, to }) => parent(from) !== path && parent(to) !== path);
      }),
    remove: (path, signal) => change(() => realDisk.remove(path, signal)),
    removeEmpty: path => change(() => realDisk.removeEmpty(path)),
  };
  return {
    disk,
    count: () => count,
    async losePower() {
      for (const { from, to, replaced } of unflushed.reverse()) {
        await rename(to, from);
        if (replaced !== undefined) await writeFile(to, replaced);
      }
    },
  };
}

const parent = (path: Path): string => dirname(path.toString('latin1'));
