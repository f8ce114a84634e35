import { chmod, copyFile, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findPrograms } from '../process/find-program.ts';
import { runWell } from '../process/run.ts';
import { installPackages } from './apt.ts';
import type { ImageOptions } from './images.ts';
import { type HasClient, importTar, isThere } from './import-tar.ts';

/** Three releases of one small HTTP server on port 8080: `/version`, `/health` (JSON). It ends at once on SIGTERM. */
export const TINY_IMAGES = ['lastgood-testbed/tiny:1', 'lastgood-testbed/tiny:2', 'lastgood-testbed/tiny:3'] as const;

const APPLETS =
  'sh ls cat echo sleep true false httpd nc wget touch rm mv mkdir kill ps env date dd stat ln chown'.split(' ');
const COMMAND = "trap 'exit 0' TERM; httpd -f -p 8080 -h /www & while :; do wait; done";

/** Puts them into an engine, 2 MB each, from the static busybox of Debian. @returns their tags, oldest first */
export async function ensureTinyImages(engine: HasClient, { say }: ImageOptions): Promise<typeof TINY_IMAGES> {
  const missing: string[] = [];
  for (const tag of TINY_IMAGES) if (!(await isThere(engine, tag))) missing.push(tag);
  if (missing.length === 0) return TINY_IMAGES;
  let busybox = await findStaticBusybox();
  if (busybox === undefined) {
    await installPackages(['busybox-static'], say);
    busybox = await findStaticBusybox();
  }
  if (busybox === undefined) throw new Error('no static busybox was found: install busybox-static');
  for (const tag of missing) await makeTiny(engine, busybox, tag);
  return TINY_IMAGES;
}

async function findStaticBusybox(): Promise<string | undefined> {
  for (const file of findPrograms('busybox')) {
    // A program that is linked at run time names its loader at its very beginning.
    const head = (await readFile(file)).subarray(0, 4_096).toString('latin1');
    if (!head.includes('/ld-')) return file;
  }
  return undefined;
}

async function makeTiny(engine: HasClient, busybox: string, tag: string): Promise<void> {
  const version = tag.split(':')[1] as string;
  const directory = await mkdtemp(join(tmpdir(), 'lastgood-tiny-'));
  const root = join(directory, 'root');
  try {
    for (const folder of ['bin', 'www', 'tmp', 'data', 'etc']) await mkdir(join(root, folder), { recursive: true });
    await copyFile(busybox, join(root, 'bin', 'busybox'));
    await chmod(join(root, 'bin', 'busybox'), 0o755);
    for (const applet of APPLETS) await symlink('busybox', join(root, 'bin', applet));
    await writeFile(join(root, 'www', 'version'), `${version}\n`);
    await writeFile(join(root, 'www', 'health'), JSON.stringify({ status: 'ok', version }));
    const tar = join(directory, 'root.tar');
    await runWell('tar', ['-C', root, '--owner=0', '--group=0', '-cf', tar, '.'], { deadlineMs: 20_000 });
    await importTar(engine, tar, tag, [
      'ENV PATH=/bin',
      `ENV VERSION=${version}`,
      'EXPOSE 8080',
      'LABEL lastgood.testbed=tiny',
      `CMD ${JSON.stringify(['sh', '-c', COMMAND])}`,
    ]);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}
