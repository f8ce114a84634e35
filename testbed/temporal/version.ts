import { run } from '../process/run.ts';

/** The version that is downloaded or built; a newer one on PATH is taken as well. */
export const TEMPORAL_VERSION = '1.8.2';
/** The first whose dev server has every flag that we pass. */
export const OLDEST_TEMPORAL = '1.6.0';

/**
 * Runs the binary, and believes only what it says of itself.
 * @returns its version, or in `unfit` why it cannot be used
 */
export async function askVersion(path: string): Promise<{ version: string } | { unfit: string }> {
  let text: string;
  try {
    const { code, stdout, stderr } = await run(path, ['--version'], { deadlineMs: 15_000 });
    text = stdout.trim();
    if (code !== 0) return { unfit: `asked for its version, it ended with ${code}: ${firstLine(stderr || stdout)}` };
  } catch (error) {
    return { unfit: firstLine((error as Error).message) };
  }
  const match = /^temporal version (\d+\.\d+\.\d+)/.exec(text);
  if (match === null) return { unfit: `asked for its version, it said ${JSON.stringify(text.slice(0, 80))}` };
  const version = match[1] as string;
  if (isOlder(version, OLDEST_TEMPORAL)) return { unfit: `it is version ${version}, and ${OLDEST_TEMPORAL} is needed` };
  return { version };
}

/** Compares `1.8.2` with `1.10.0`, number by number. */
export function isOlder(version: string, than: string): boolean {
  const [a, b] = [version, than].map(text => text.split('.').map(Number)) as [number[], number[]];
  for (let i = 0; i < 3; i++) if ((a[i] ?? 0) !== (b[i] ?? 0)) return (a[i] ?? 0) < (b[i] ?? 0);
  return false;
}

const firstLine = (text: string): string => text.trim().split('\n')[0]?.slice(0, 200) ?? '';
