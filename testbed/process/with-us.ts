import { existsSync } from 'node:fs';

/** Of util-linux, which every Debian has. */
const SETPRIV = '/usr/bin/setpriv';

/**
 * The command that ends with this process, however it ends: the kernel tells it (SIGTERM). A run that is killed must
 * leave no server behind. Where there is no `setpriv` it is the plain command.
 */
export const endingWithUs = (command: string, args: readonly string[]): { command: string; args: string[] } =>
  existsSync(SETPRIV)
    ? { command: SETPRIV, args: ['--pdeathsig', 'TERM', '--', command, ...args] }
    : { command, args: [...args] };
