import { findPrograms } from '../process/find-program.ts';
import { run } from '../process/run.ts';

export interface EngineBinaries {
  readonly dockerd: string;
  readonly containerd: string;
  /** Major version of dockerd. */
  readonly major: number;
  readonly version: string;
}

/** What a private engine is made of, and the Debian package that brings each part. */
const NEEDED = ['containerd', 'containerd-shim-runc-v2', 'runc', 'iptables', 'ip'] as const;

/**
 * Finds a real dockerd: one that says so. A wrapper of another engine under that name is passed over.
 * @returns the binaries, or in `missing` one line for each part that is not there, with why
 */
export async function findEngineBinaries(path?: string): Promise<EngineBinaries | { missing: readonly string[] }> {
  const missing: string[] = [];
  let found: { dockerd: string; version: string; major: number } | undefined;
  for (const dockerd of findPrograms('dockerd', path)) {
    const answer = await run(dockerd, ['--version'], { deadlineMs: 10_000 }).catch((error: Error) => error);
    const text = answer instanceof Error ? answer.message : answer.stdout.trim();
    const match = /^Docker version ((\d+)\.\d+[^,\s]*)/.exec(text);
    if (match !== null) {
      found = { dockerd, version: match[1] as string, major: Number(match[2]) };
      break;
    }
    missing.push(`${dockerd} is no Docker engine: asked for its version, it said ${JSON.stringify(text.slice(0, 80))}`);
  }
  if (found === undefined && missing.length === 0) missing.push('dockerd: not found');
  for (const name of NEEDED) if (findPrograms(name, path).length === 0) missing.push(`${name}: not found`);
  const containerd = findPrograms('containerd', path)[0];
  if (found === undefined || containerd === undefined || NEEDED.some(name => missing.includes(`${name}: not found`)))
    return { missing };
  return { ...found, containerd };
}
