import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import {
  chmod,
  chown,
  link,
  lstat,
  mkdir,
  open,
  readdir,
  readFile,
  symlink,
  utimes,
  writeFile,
} from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import test from 'node:test';
import { promisify } from 'node:util';
import { packTree, treeDigest, unpackTree } from '../../../src/drivers/files/tree.ts';
import { plant, scratch, never as signal } from './trees.ts';

const exec = promisify(execFile);
const isRoot = process.getuid?.() === 0;

/** All that a tree on a real disk may hold and a careless copy loses. */
async function plantHostile(root: string): Promise<void> {
  await plant(root, 'live');
  await writeFile(join(root, '-rf'), 'looks like an option');
  await writeFile(join(root, 'new\nline "and" \\ blank '), 'odd');
  await writeFile(join(root, `${'ä'.repeat(120)}`), 'long');
  await mkdir(join(root, 'a'.repeat(200), 'b'.repeat(200)), { recursive: true });
  await symlink('/etc/passwd', join(root, 'absolute'));
  await symlink('../../outside', join(root, 'upwards'));
  await symlink('nowhere', join(root, 'dangling'));
  await mkdir(join(root, 'locked'));
  await writeFile(join(root, 'locked', 'inside'), 'x');
  await chmod(join(root, 'locked'), 0o500);
  await writeFile(join(root, 'tool'), '#!/bin/true');
  if (isRoot) await chown(join(root, 'tool'), 303, 404);
  await chmod(join(root, 'tool'), 0o4755);
  await link(join(root, 'tool'), join(root, 'empty', 'tool-again'));
  await utimes(join(root, 'PG_VERSION'), 1_000_000, 1_000_000.123456);
  await exec('mkfifo', [join(root, 'pipe')]);
  const sparse = await open(join(root, 'sparse'), 'w');
  await sparse.truncate(64 * 1024 * 1024);
  await sparse.write('far', 40 * 1024 * 1024);
  await sparse.close();
  await mkdir(join(root, '.lastgood', 'other-run'), { recursive: true });
  await mkdir(join(root, 'empty', '.lastgood'));
}

test('a hostile tree comes back byte for byte, with owners, modes, links, holes and times', async t => {
  const directory = await scratch(t);
  const [from, to] = [join(directory, 'from'), join(directory, 'to')];
  await plantHostile(from);
  await mkdir(to, { mode: 0o700 });
  const before = await treeDigest(from, { signal });
  await unpackTree(packTree(from, { signal }), to, { signal });
  assert.equal(await treeDigest(to, { signal }), before);
  assert.equal((await lstat(to)).mode, (await lstat(from)).mode, "the root's own mode");
  assert.equal((await lstat(to)).uid, (await lstat(from)).uid, "the root's own owner");
  assert.equal((await lstat(join(to, 'tool'))).mode & 0o7777, 0o4755, 'the setuid bit');
  assert.equal(
    (await lstat(join(to, 'tool'))).ino,
    (await lstat(join(to, 'empty', 'tool-again'))).ino,
    'one file, two names',
  );
  assert.equal((await lstat(join(to, 'PG_VERSION'))).mtimeMs, (await lstat(join(from, 'PG_VERSION'))).mtimeMs);
  const sparse = await lstat(join(to, 'sparse'));
  assert.ok(sparse.blocks * 512 < sparse.size / 8, `${sparse.blocks} blocks: the holes were filled`);
  assert.deepEqual((await readdir(to)).includes('.lastgood'), false, 'a run of ours came along');
  assert.deepEqual(await readdir(join(to, 'empty', '.lastgood')), [], 'only the one at the top is ours');
});

test('extended attributes and access lists come back', async t => {
  const directory = await scratch(t);
  const [from, to] = [join(directory, 'from'), join(directory, 'to')];
  await mkdir(from);
  await mkdir(to);
  const marks = [
    'SCHILY.xattr.user.note=kept',
    'SCHILY.acl.access=user::rw-,user:1234:r--,group::r--,mask::r--,other::r--',
  ];
  await unpackTree(one(archiveOf('file', marks)), from, { signal });
  await unpackTree(packTree(from, { signal }), to, { signal });
  const back = (await gather(packTree(to, { signal }))).toString('latin1');
  for (const mark of ['user.note=kept', 'user:1234:r--']) assert.ok(back.includes(mark), `${mark} was lost`);
});

test('equal trees pack to equal bytes', async t => {
  const root = join(await scratch(t), 'root');
  await plant(root, 'live');
  const first = await gather(packTree(root, { signal }));
  await exec('cat', [join(root, 'PG_VERSION')]);
  assert.ok(first.equals(await gather(packTree(root, { signal }))));
});

test('a socket is in neither the pack nor the digest', async t => {
  const root = join(await scratch(t), 'root');
  await plant(root, 'live');
  const before = await treeDigest(root, { signal });
  const server = createServer().listen(join(root, 'socket'));
  t.after(() => server.close());
  await new Promise(resolve => server.once('listening', resolve));
  assert.equal(await treeDigest(root, { signal }), before);
  assert.equal((await gather(packTree(root, { signal }))).includes('./socket'), false);
});

test('the digest sees a change of content, mode, owner, link text, name, kind, and of which names are one file', async t => {
  const root = join(await scratch(t), 'root');
  const changes: readonly (readonly string[])[] = [
    ['sh', '-c', 'printf X >> PG_VERSION'],
    ['chmod', '600', 'PG_VERSION'],
    ['chmod', '700', '.'],
    ['ln', '-sfn', 'elsewhere', 'pointer'],
    ['mv', '.hidden', '.hiddem'],
    ['rmdir', 'empty'],
    ['cp', '--remove-destination', '-p', 'PG_VERSION', 'same-file'],
    ['mkfifo', 'pipe'],
    ...(isRoot ? [['chown', '7:7', 'base/deep/row']] : []),
  ];
  const seen = new Set<string>();
  for (const [command, ...args] of [['true'], ...changes]) {
    await exec('rm', ['-rf', root]);
    await plant(root, 'live');
    await exec(command ?? '', args, { cwd: root });
    seen.add(await treeDigest(root, { signal }));
  }
  assert.equal(seen.size, changes.length + 1);
});

test('leaving a pack early, and aborting one, ends its child', async t => {
  const root = join(await scratch(t), 'root');
  await plant(root, 'live');
  await writeFile(join(root, 'big'), Buffer.alloc(32 * 1024 * 1024, 'x'));
  for await (const _ of packTree(root, { signal })) break;
  const stop = new AbortController();
  const aborted = (async () => {
    for await (const _ of packTree(root, { signal: stop.signal })) stop.abort();
  })();
  await assert.rejects(aborted, { kind: 'unavailable' });
  const left = (await commandLines()).filter(line => line.includes(`--directory=${root}`));
  assert.deepEqual(left, []);
});

test('a pack of what is not there, and an unpack of what is no tar, are errors that say what failed', async t => {
  const directory = await scratch(t);
  await assert.rejects(gather(packTree(join(directory, 'absent'), { signal })), {
    name: 'DriverError',
    message: /pack .*absent: tar exited with 2/,
  });
  const junk = (async function* () {
    yield Buffer.alloc(1024 * 1024, 'junk');
  })();
  await assert.rejects(unpackTree(junk, directory, { signal }), {
    name: 'DriverError',
    message: /unpack into .*: tar exited with 2/,
  });
});

test('a source that fails half-way stops the unpack with its own error', async t => {
  const directory = await scratch(t);
  await plant(join(directory, 'from'), 'live');
  await mkdir(join(directory, 'to'));
  const failing = (async function* () {
    for await (const chunk of packTree(join(directory, 'from'), { signal })) {
      yield chunk.subarray(0, 1500);
      throw new Error('frame 1 is damaged');
    }
  })();
  await assert.rejects(unpackTree(failing, join(directory, 'to'), { signal }), /frame 1 is damaged/);
});

async function gather(bytes: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of bytes) chunks.push(chunk);
  return Buffer.concat(chunks);
}

async function commandLines(): Promise<string[]> {
  const processes = (await readdir('/proc')).filter(name => /^\d+$/.test(name));
  return Promise.all(processes.map(pid => readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')));
}

async function* one(bytes: Buffer): AsyncGenerator<Uint8Array> {
  yield bytes;
}

/** A tar of one empty file that carries these extended header records. */
function archiveOf(name: string, records: readonly string[]): Buffer {
  const body = records.map(record => {
    // A record's length counts its own digits.
    const rest = ` ${record}\n`.length;
    const length = rest + String(rest + 3).length;
    return `${length} ${record}\n`;
  });
  const extended = Buffer.from(body.join(''));
  const padding = Buffer.alloc((512 - (extended.length % 512)) % 512);
  return Buffer.concat([
    header(`x/${name}`, extended.length, 'x'),
    extended,
    padding,
    header(name, 0, '0'),
    Buffer.alloc(1024),
  ]);
}

function header(name: string, size: number, type: string): Buffer {
  const block = Buffer.alloc(512);
  const octal = (value: number, width: number) => `${value.toString(8).padStart(width - 1, '0')}\0`;
  const own = [process.getuid?.() ?? 0, process.getgid?.() ?? 0] as const;
  block.write(name, 0);
  block.write(octal(0o644, 8) + octal(own[0], 8) + octal(own[1], 8) + octal(size, 12) + octal(0, 12), 100);
  block.write(`        ${type}`, 148);
  block.write('ustar\x0000', 257);
  block.write(
    `${octal(
      block.reduce((sum, byte) => sum + byte, 0),
      7,
    )} `,
    148,
  );
  return block;
}

test('a file that holds more than its size says is a conflict, not a digest', async () => {
  await assert.rejects(treeDigest('/proc/version', { signal }), {
    kind: 'conflict',
    message: /changed while it was read, 0 bytes expected/,
  });
});
