import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import type { PlatformName, ReleaseId, TargetId } from '../../src/plan/ids.ts';
import { createFileLedger } from '../../src/releases/file-ledger.ts';
import { createKeyFile, loadKey } from '../../src/releases/key.ts';
import type { NewRelease, RecordedBody } from '../../src/releases/ledger.ts';

export const n3xus = 'n3xus' as PlatformName;
export const id = (text: string): ReleaseId => text as ReleaseId;
export const target = (text: string): TargetId => text as TargetId;
export const SECRET = 'hunter2-of-the-ledger';

/** A ledger in a directory of its own, with what is needed to open it a second time. */
export async function ledgerAt(t: TestContext) {
  const root = await mkdtemp(join(tmpdir(), 'lastgood-ledger-'));
  t.after(() => rm(root, { recursive: true, force: true }));
  const directory = join(root, 'releases');
  await createKeyFile(join(root, 'key'));
  const key = await loadKey(join(root, 'key'));
  let minute = 0;
  const now = (): Date => new Date(Date.UTC(2025, 11, 25, 3, minute++));
  const reopen = () => createFileLedger({ directory, key, now });
  return { root, directory, folder: join(directory, 'n3xus'), key, reopen, ledger: reopen() };
}

export function recorded(
  name: string,
  version = 'sha256:aaaa',
  body: unknown = { env: [`PASSWORD=${SECRET}`] },
): RecordedBody {
  const state = {
    target: target(name),
    identity: `${name}-id`,
    version,
    settings: 'f00d',
    activity: 'running' as const,
    restartPolicy: 'always',
    restarts: 0,
    label: `${name}:1.0`,
  };
  return { state, body };
}

export const release = (
  text: string,
  targets: readonly RecordedBody[] = [recorded('api'), recorded('db')],
): NewRelease => ({
  platform: n3xus,
  id: id(text),
  origin: 'record',
  by: 'ada',
  targets,
});
