import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { createHmac } from 'node:crypto';
import { chmod, mkdir, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Recorded } from '../../../src/drivers/contract.ts';
import { createFilesDriver } from '../../../src/drivers/files/driver.ts';
import { treeDigest } from '../../../src/drivers/files/tree.ts';
import type { HostName, TargetId } from '../../../src/plan/ids.ts';
import type { FilesTarget } from '../../../src/plan/plan.ts';
import { plant, never as signal } from './trees.ts';

const fingerprint = (text: string) => createHmac('sha256', 'key').update(text).digest('hex');
const made = createFilesDriver({ fingerprint });
/** This driver has them all. */
export const driver = made as Required<typeof made>;
const exec = promisify(execFile);
export const look = { signal, progress: () => {} };

export const targetAt = (path: string): FilesTarget => ({
  kind: 'files',
  id: 'nginx-conf' as TargetId,
  host: 'main' as HostName,
  path,
  usedBy: [],
  probes: [],
});

/** A target of each shape: what makes it the release's, and what makes it the bad one. */
export const shapes: Readonly<Record<string, (path: string, flavour: 'live' | 'release') => Promise<void>>> = {
  'a file': async (path, flavour) => {
    await writeFile(`${path}.new`, `server ${flavour}`);
    await chmod(`${path}.new`, flavour === 'live' ? 0o600 : 0o644);
    await rename(`${path}.new`, path);
  },
  'a link': async (path, flavour) => {
    await symlink(`releases/${flavour}`, `${path}.new`);
    await rename(`${path}.new`, path);
  },
  'a directory': async (path, flavour) => {
    await mkdir(path, { recursive: true });
    await exec('find', [path, '-mindepth', '1', '-delete']);
    await plant(path, flavour);
  },
};

interface World {
  readonly target: FilesTarget;
  readonly recorded: Recorded;
  readonly before: string;
  readonly digest: () => Promise<string>;
}

/** The release recorded, then the bad one put in its place. */
export async function build(directory: string, shape: string): Promise<World> {
  await rm(directory, { recursive: true, force: true });
  await mkdir(directory, { recursive: true });
  const path = join(directory, 'app.conf');
  const make = shapes[shape];
  assert.ok(make);
  await make(path, 'release');
  const target = targetAt(path);
  const recorded = JSON.parse(JSON.stringify(await driver.record(target, look))) as Recorded;
  await make(path, 'live');
  const digest = () => treeDigest(path, { signal });
  return { target, recorded, before: await digest(), digest };
}
