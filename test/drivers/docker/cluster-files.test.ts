import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { it, type TestContext } from 'node:test';
import { findMajor, readClusterFiles } from '../../../src/drivers/docker/cluster-files.ts';
import { countLines } from '../../../src/drivers/docker/count-lines.ts';
import { rejectsAs } from '../../contracts/rejects.ts';

const never = new AbortController().signal;

async function scratch(t: TestContext): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'lastgood-cluster-'));
  t.after(() => rm(directory, { recursive: true, force: true }));
  return directory;
}

/** What a cluster's directory says of itself, in PostgreSQL's own layout. */
async function cluster(directory: string, state: number): Promise<void> {
  const control = Buffer.alloc(8192);
  control.writeInt32LE(state, 16);
  await write(join(directory, 'global/pg_control'), control);
  await write(join(directory, 'PG_VERSION'), '15\n');
  await mkdir(join(directory, 'pg_wal'));
}
async function write(path: string, content: Buffer | string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, content);
}

it('knows a cluster that was shut down cleanly, at the top or below it', async t => {
  for (const below of ['', 'pgdata', '15/main']) {
    const root = await scratch(t);
    await cluster(join(root, below), 1);
    assert.deepEqual(await readClusterFiles(root, 'volume pg'), { major: '15' });
  }
});

it('refuses a cluster in any other state, and says which', async t => {
  for (const [state, word] of [
    [0, 'starting up'],
    [2, 'in recovery'],
    [4, 'crash recovery'],
    [6, 'in production'],
    [99, '99'],
  ] as const) {
    const root = await scratch(t);
    await cluster(root, state);
    await rejectsAs('refused', readClusterFiles(root, 'volume pg'), 'volume pg', word);
  }
});

it('refuses a volume without a cluster, and a control file that is cut short', async t => {
  const root = await scratch(t);
  await rejectsAs('refused', readClusterFiles(root, 'volume pg'), 'no PostgreSQL cluster');
  await write(join(root, 'global/pg_control'), 'short');
  await rejectsAs('refused', readClusterFiles(root, 'volume pg'), 'state -1');
});

it('refuses a cluster that lies in part elsewhere', async t => {
  const root = await scratch(t);
  await cluster(root, 1);
  await mkdir(join(root, 'pg_tblspc'));
  await symlink('/elsewhere', join(root, 'pg_tblspc/16400'));
  await rejectsAs('refused', readClusterFiles(root, 'volume pg'), 'pg_tblspc/16400');
});

it('counts whole lines, and only inside the volume', async t => {
  const root = await scratch(t);
  await writeFile(join(root, 'rows'), `${'x\n'.repeat(3)}not yet`);
  assert.equal(await countLines(root, 'rows', 'volume v', never), 3);
  await writeFile(join(root, 'none'), '');
  assert.equal(await countLines(root, 'none', 'volume v', never), 0);
  await symlink('/etc/passwd', join(root, 'out'));
  await rejectsAs('refused', countLines(root, 'out', 'volume v', never), 'outside');
  await rejectsAs('refused', countLines(root, '../../etc/passwd', 'volume v', never), 'outside');
  await mkdir(join(root, 'folder'));
  await rejectsAs('refused', countLines(root, 'folder', 'volume v', never), 'regular');
  await rejectsAs('missing', countLines(root, 'nothing', 'volume v', never), 'not there');
});

it('stops counting lines when it is cancelled, before it began too, and tells whoever asked', async t => {
  const root = await scratch(t);
  await writeFile(join(root, 'rows'), 'row\n'.repeat(1_000_000));
  const reason = new Error('cancelled');
  await assert.rejects(countLines(root, 'rows', 'volume v', AbortSignal.abort(reason)), reason);
  const later = new AbortController();
  const counting = countLines(root, 'rows', 'volume v', later.signal);
  later.abort(reason);
  await assert.rejects(counting, reason);
});

it('tells the major version of a cluster that runs, and of none that is not there or says nonsense', async t => {
  const root = await scratch(t);
  assert.equal(await findMajor(root), undefined);
  await cluster(join(root, '15/main'), 6);
  assert.equal(await findMajor(root), '15');
  await write(join(root, '15/main/PG_VERSION'), '');
  assert.equal(await findMajor(root), undefined);
  assert.equal(await findMajor(join(root, 'nowhere')), undefined);
});
