import { readdir, readFile, readlink } from 'node:fs/promises';

/** Of a listening socket, as the kernel lists it: `Num RefCount Protocol Flags Type St Inode Path`. */
const LISTENS = '00010000';

/**
 * Who listens on an abstract socket, as the kernel knows it: a process that was stopped keeps it, and answers nobody.
 * @param name without the leading zero byte
 * @returns undefined when it cannot be told: another user's process, or none
 */
export async function findHolder(name: string): Promise<{ pid: number; stopped: boolean } | undefined> {
  const inode = await inodeOf(name);
  if (inode === undefined) return undefined;
  for (const pid of (await readdir('/proc')).filter(entry => /^\d+$/.test(entry))) {
    if (await holds(pid, `socket:[${inode}]`)) return { pid: Number(pid), stopped: await isStopped(pid) };
  }
  return undefined;
}

async function inodeOf(name: string): Promise<string | undefined> {
  const lines = (await readFile('/proc/net/unix', 'utf8').catch(() => '')).split('\n');
  const fields = lines.map(line => line.split(' ').filter(field => field !== ''));
  return fields.find(([, , , flags, , , , path]) => flags === LISTENS && path === `@${name}`)?.[6];
}

async function holds(pid: string, socket: string): Promise<boolean> {
  const files = await readdir(`/proc/${pid}/fd`).catch(() => []);
  for (const file of files) {
    if ((await readlink(`/proc/${pid}/fd/${file}`).catch(() => '')) === socket) return true;
  }
  return false;
}

/** `T` after the command's name, which may itself hold brackets. */
async function isStopped(pid: string): Promise<boolean> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  return stat.slice(stat.lastIndexOf(')') + 2, stat.lastIndexOf(')') + 3) === 'T';
}
