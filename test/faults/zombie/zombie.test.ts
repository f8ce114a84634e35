import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import type { JournalEntry } from '../../../src/executor/contract.ts';
import { CLAIM_KNOWN_FOR_MS } from '../../../src/executor/executor.ts';
import { ownEngine } from '../../../src/executor/ownership.ts';
import type { EngineId } from '../../../src/plan/ids.ts';
import { poll } from '../../../testbed/process/poll.ts';
import { useTemporal } from '../../support/temporal.ts';
import { say } from '../world/say.ts';
import { startProcess } from './process.ts';

const { address, client } = await useTemporal();
const here = (name: string): string => join(import.meta.dirname, name);
type Before = { readonly before: number };
type Ended = { readonly ended: string };
const isBefore =
  (number: number) =>
  (message: object): message is Before =>
    (message as Before).before === number;
const isEnded = (message: object): message is Ended => 'ended' in message;

describe('a worker that was frozen in the middle of a step, and goes on', () => {
  it('on another machine finds that the platform is claimed by another run, and does nothing more', async t => {
    const world = await mkdtemp(join(tmpdir(), 'lg-zombie-'));
    t.after(() => rm(world, { recursive: true, force: true }));
    await writeFile(join(world, 'effects'), '');
    const effects = async (): Promise<string[]> =>
      (await readFile(join(world, 'effects'), 'utf8')).split('\n').slice(0, -1);
    const zombie = startProcess(here('actor.ts'), [world, 'run-a', '1']);
    t.after(() => zombie.kill());
    await zombie.hears(isBefore(1));
    const asked = Date.now();
    zombie.tell({});
    await zombie.hears(isBefore(2));
    await zombie.freeze();
    // Told while it stands still: it goes on with its second act at once when it wakes.
    zombie.tell({});
    const heir = startProcess(here('actor.ts'), [world, 'run-b', '2', 'run-a']);
    t.after(() => heir.kill());
    for (let number = 1; number <= 5; number += 1) {
      await heir.hears(isBefore(number));
      heir.tell({});
    }
    assert.equal((await heir.hears(isEnded)).ended, 'all done');
    const before = await effects();
    // However fast that went: what a process knows of a claim it believes for a while.
    await poll(
      { what: 'the claim to be stale knowledge', deadlineMs: 30_000 },
      () => Date.now() - asked > CLAIM_KNOWN_FOR_MS + 500,
    );
    zombie.thaw();
    const next = await zombie.hears((message): message is Ended | Before => isEnded(message) || isBefore(3)(message));
    assert.ok('ended' in next, 'it did its second act, and is about to do its third');
    const { ended } = next;
    assert.match(ended, /claim held by run-b; refused before anything more was changed/);
    assert.deepEqual(await effects(), before);
    assert.deepEqual(before, ['run-a 1', 'run-b 1', 'run-b 2', 'run-b 3', 'run-b 4', 'run-b 5']);
    const journal = await readFile(join(world, 'journals-of-run-a', 'n3xus', 'run-a.jsonl'), 'utf8');
    const facts = journal
      .trimEnd()
      .split('\n')
      .map(line => (JSON.parse(line) as JournalEntry).fact);
    assert.equal(facts.filter(({ type }) => type === 'refused').length, 1);
    say(`zombie on another machine: refused (${ended})`);
  });

  it('keeps its engine meanwhile: a second worker is refused, and told which process to end', async t => {
    const engine = `zombie-${process.pid}` as EngineId;
    const owner = startProcess(here('owner.ts'), [engine]);
    t.after(() => owner.kill());
    await owner.hears((message): message is { owns: string } => 'owns' in message);
    await owner.freeze();
    const refused = await ownEngine(engine).then(
      () => assert.fail('two own it'),
      (error: Error & { next?: string }) => error,
    );
    assert.match(refused.message, new RegExp(`served by process ${owner.pid}, which is stopped .*nothing was changed`));
    assert.match(refused.next ?? '', new RegExp(`kill -CONT ${owner.pid} .*kill -KILL ${owner.pid} `));
    say(`second worker beside a zombie: ${refused.message}`);
    await owner.kill();
    const own = await poll({ what: 'the engine of a dead process', deadlineMs: 60_000 }, () => ownEngine(engine));
    await own.release();
  });

  it('does nothing by its stale attempt: the one that followed it goes on', async t => {
    const worker = startProcess(here('frozen-worker.ts'), [], { ...process.env, LASTGOOD_TEST_TEMPORAL: address });
    t.after(() => worker.kill());
    const at = await worker.hears(
      (message): message is { at: string; workflow: string } => 'at' in message && 'workflow' in message,
    );
    await worker.freeze();
    // The server misses its heartbeats, and has the work ready for another attempt.
    await poll({ what: 'the server to give the work out again', deadlineMs: 120_000 }, async () => {
      const { raw } = await client.workflow.getHandle(at.workflow).describe();
      return (raw.pendingActivities ?? []).some(({ attempt }) => Number(attempt ?? 1) > 1);
    });
    worker.tell({ goOn: true });
    worker.thaw();
    const { outcome, twice, late, attempts, refused } = await worker.hears(
      (message): message is Told => 'outcome' in message,
    );
    assert.equal(outcome, 'completed');
    assert.deepEqual(twice, []);
    assert.deepEqual(late, []);
    assert.ok(attempts >= 2, `${attempts} attempts at the step in which it was frozen`);
    say(
      `zombie attempt in its own process, frozen before ${at.at}: ${attempts} attempts, ${refused} acts refused, nothing done by a stale one`,
    );
  });
});

/** What the frozen worker says once its run is over. */
interface Told {
  readonly outcome: string;
  readonly twice: readonly string[];
  readonly late: readonly string[];
  readonly attempts: number;
  readonly refused: number;
}
