import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** Where servers are installed; often missing from an ordinary user's PATH. */
const SYSTEM = ['/usr/local/sbin', '/usr/local/bin', '/usr/sbin', '/usr/bin', '/sbin', '/bin'];

/** PATH with the system's own folders behind it. */
export const systemPath = (env: NodeJS.ProcessEnv = process.env): string =>
  [...(env['PATH'] ?? '').split(delimiter).filter(folder => folder !== ''), ...SYSTEM].join(delimiter);

/** Every executable of this name, in the order of PATH. */
export function findPrograms(name: string, path: string = systemPath()): string[] {
  const found = path.split(delimiter).map(folder => join(folder, name));
  return [...new Set(found)].filter(isExecutable);
}

export function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}
