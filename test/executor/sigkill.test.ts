import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { openJournals } from '../../src/executor/journal.ts';
import { PLATFORM, RUN, temporaryDirectory } from './world.ts';

const EFFECTS = 100;
const LIVES = 40;
/** Of these each is killed at once. */
const KILLED = 3;

test('a process killed at any moment, over and over, does each effect once and leaves none out', async t => {
  const directory = await temporaryDirectory(t);
  await writeFile(join(directory, 'effects'), '');
  const engine = `SIGKILL:${process.pid}:${Date.now()}`;
  let kills = 0;
  let code: number | null = null;
  for (let attempt = 1; attempt <= LIVES && code !== 0; attempt += 1) {
    const child = spawn(
      process.execPath,
      [join(import.meta.dirname, 'appender.ts'), directory, String(attempt), String(EFFECTS), engine],
      { stdio: ['ignore', 'pipe', 'pipe'] },
    );
    const said = text(child);
    // At its first word, so that some are killed however fast they are; then by what it has said, anywhere in what it does until the kill arrives.
    if (attempt <= KILLED) void killAfter(child, 1, 0);
    else if (attempt < LIVES / 2) void killAfter(child, 1 + below(9), below(40));
    const [exit] = (await once(child, 'close')) as [number | null];
    code = exit;
    if (exit === null) kills += 1;
    else assert.equal(exit, 0, said());
  }
  assert.equal(code, 0);
  assert.ok(kills >= KILLED, `${kills} kills are no test`);
  const done = (await readFile(join(directory, 'effects'), 'utf8')).trimEnd().split('\n').sort();
  const wanted = ['a', 'b', 'c']
    .flatMap(target => Array.from({ length: EFFECTS }, (_, n) => `${target} effect-${n}`))
    .sort();
  assert.deepEqual(done, wanted);
  const journal = await openJournals({ directory: join(directory, 'journals') }).open(PLATFORM, RUN);
  const results = journal.entries().filter(({ fact }) => fact.type === 'done');
  assert.equal(results.length, wanted.length);
});

const below = (most: number): number => Math.floor(Math.random() * most);

async function killAfter(child: ChildProcess, lines: number, turns: number): Promise<void> {
  let seen = 0;
  for await (const chunk of child.stdout!) {
    seen += String(chunk).split('\n').length - 1;
    if (seen < lines) continue;
    for (let left = turns; left > 0; left -= 1) await new Promise(resolve => setImmediate(resolve));
    child.kill('SIGKILL');
    return;
  }
}

function text(child: ChildProcess): () => string {
  let all = '';
  child.stderr!.on('data', chunk => {
    all += String(chunk);
  });
  child.stdout!.on('data', () => {});
  return () => all;
}
