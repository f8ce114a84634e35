import { readFile } from 'node:fs/promises';

/**
 * When a process started, in the kernel's ticks since boot: with its pid it names one process and no later one.
 * Undefined when there is no such process; empty where the kernel has no /proc and the process is there.
 */
export async function startOf(pid: number): Promise<string | undefined> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined);
  // The command's name is in brackets and may hold anything; the start time is the 20th field behind it.
  if (stat !== undefined) return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
  if (process.platform === 'linux') return undefined;
  try {
    process.kill(pid, 0);
    return '';
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM' ? '' : undefined;
  }
}
