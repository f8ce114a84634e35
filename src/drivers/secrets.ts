import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import type { SecretRef } from '../plan/plan.ts';
import { DriverError } from './errors.ts';

/** @throws DriverError missing | refused, naming the file or variable and never the value */
export type ResolveSecret = (ref: SecretRef) => Promise<string>;

export interface SecretSources {
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Told of every value before it is given out, so that logs and errors can be cleared of it. */
  remember(value: string): void;
}

const LARGEST = 64 * 1024;

/** Reads secrets where they are used, each time anew: a secret that was changed is seen at the next try. */
export function createSecrets({ environment, remember }: SecretSources): ResolveSecret {
  return async ref => {
    const value = ref.from === 'file' ? await readSecretFile(ref.path) : environment[ref.variable];
    const where = nameOf(ref);
    if (value === undefined)
      throw new DriverError('missing', `secret ${where}: not set`, { next: `set ${where} for the worker` });
    if (value === '')
      throw new DriverError('missing', `secret ${where}: it is empty`, { next: `write the secret to ${where}` });
    remember(value);
    return value;
  };
}

/** As the plan writes it: what may be shown of a secret. */
export const nameOf = (ref: SecretRef): string => (ref.from === 'file' ? `file:${ref.path}` : `env:${ref.variable}`);

/** One newline at the end is the editor's and not the secret's. */
async function readSecretFile(path: string): Promise<string> {
  // Not blocking: a pipe without a writer would be waited on without end.
  const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK).catch((error: NodeJS.ErrnoException) => {
    const kind = error.code === 'ENOENT' || error.code === 'ENOTDIR' ? 'missing' : 'refused';
    const why = kind === 'missing' ? 'there is no such file' : `cannot be opened (${error.code})`;
    throw new DriverError(kind, `secret file:${path}: ${why}`, {
      next: `put the secret at ${path}, readable by the worker`,
    });
  });
  try {
    const about = await file.stat();
    if (!about.isFile()) throw new DriverError('refused', `secret file:${path}: a plain file expected`);
    if (about.size > LARGEST) {
      throw new DriverError('refused', `secret file:${path}: at most ${LARGEST} bytes expected, ${about.size} found`);
    }
    return (await file.readFile('utf8')).replace(/\r?\n$/, '');
  } finally {
    await file.close();
  }
}
