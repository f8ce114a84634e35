import { open, readFile, rm, stat } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { startOf } from './start-of.ts';

/**
 * Waits for a file that names its holder; one whose holder is gone is taken over. Two that take over the same one at
 * the same time may both have it: what it guards must stand that.
 * @param onWait called once when somebody else holds it
 * @returns releases it
 */
export async function takeLock(file: string, onWait: () => void = () => undefined): Promise<() => Promise<void>> {
  const mine = `${process.pid} ${(await startOf(process.pid)) ?? ''}`;
  for (let told = false; ; ) {
    try {
      const handle = await open(file, 'wx');
      await handle.writeFile(mine);
      await handle.close();
      return () => rm(file, { force: true });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
    if (await isAbandoned(file)) {
      await rm(file, { force: true });
      continue;
    }
    if (!told) onWait();
    told = true;
    await delay(50);
  }
}

async function isAbandoned(file: string): Promise<boolean> {
  const text = await readFile(file, 'utf8').catch(() => undefined);
  if (text === undefined) return false;
  if (text === '') {
    // Made, and not yet written: its holder has a moment to do so.
    const made = (await stat(file).catch(() => undefined))?.mtimeMs;
    return made !== undefined && Date.now() - made > 5_000;
  }
  const [pid, started] = text.split(' ');
  return (await startOf(Number(pid))) !== started;
}
