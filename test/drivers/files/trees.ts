import { chmod, chown, link, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';

export const never = new AbortController().signal;

/** An empty directory that goes with the test. */
export async function scratch(t: TestContext): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'lastgood-files-'));
  t.after(() => rm(path, { recursive: true, force: true }));
  return path;
}

/** A small tree; two of different `flavour` share most of their names and differ in every content. */
export async function plant(root: string, flavour: string): Promise<void> {
  await mkdir(root, { recursive: true });
  await mkdir(join(root, 'base', 'deep'), { recursive: true });
  await writeFile(join(root, 'base', 'deep', 'row'), `${flavour} row`);
  await writeFile(join(root, 'PG_VERSION'), `${flavour} version`);
  await writeFile(join(root, '.hidden'), `${flavour} hidden`);
  await writeFile(join(root, `only-${flavour}`), flavour);
  await symlink(`${flavour}/target`, join(root, 'pointer'));
  await writeFile(Buffer.concat([Buffer.from(`${root}/`), Buffer.from([0xff, 0xfe, 0x20])]), `${flavour} bytes`);
  await link(join(root, 'PG_VERSION'), join(root, 'same-file'));
  await mkdir(join(root, 'empty'));
  await chmod(root, flavour === 'live' ? 0o710 : 0o2755);
  if (process.getuid?.() === 0) await chown(root, flavour === 'live' ? 101 : 202, flavour === 'live' ? 101 : 202);
}
