import assert from 'node:assert/strict';
import { rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import type { RunId } from '../../src/plan/ids.ts';
import { decide, isHeld } from './asked.ts';
import { given, type Scene } from './given.ts';
import { useStage } from './shared-worker.ts';
import { polled } from './waiting.ts';

const temporal = await useStage();

const ASKS =
  'budgets: { start: { target: 1s, max: 30s } }\non-failure: { before-restore: ask, after-restore: ask, silence: stay, within: 1s }';

describe('a question to people', { concurrency: 8 }, () => {
  it('takes no answer and no acknowledgement for its own that came before its question', async t => {
    const scene = await given(t, temporal, { plan: ASKS });
    scene.behaves('v1', { starts: false });
    const run = await scene.start();
    await isHeld(run);
    // While its gates are looked at, before anybody is asked again.
    let early: unknown;
    scene.at('start', 'web', () =>
      scene.at('shut-seen', 'gate', async () => {
        early = await decide(run, 'revert', 'bob');
        await run.tell('acknowledge', { by: 'bob', reason: 'the first page' });
      }),
    );
    await decide(run, 'retry');
    await isHeld(run, 2);
    assert.deepEqual(early, { counted: false, why: 'the run asks nothing now' });
    await run.until('a second page', p => p.told.filter(told => told.kind === 'held' && told.level === 1).length === 2);
    await decide(run, 'revert');
    assert.equal((await run.end()).report.outcome, 'reverted');
  });

  it('takes the first of two answers that come together, and tells the second that nothing is asked', async t => {
    const scene = await given(t, temporal, { plan: ASKS, alone: true });
    scene.behaves('v1', { starts: false });
    const run = await scene.start();
    await isHeld(run);
    await scene.dies();
    await run.tell('decide', { by: 'ada', decide: 'handover', reason: 'mine' });
    await run.tell('decide', { by: 'bob', decide: 'retry', reason: 'again' });
    await scene.serves();
    const { report } = await run.end();
    assert.equal(report.outcome, 'held', report.headline);
    assert.deepEqual(
      report.heard.map(({ by, counted }) => [by, counted]),
      [
        ['ada', true],
        ['bob', false],
      ],
    );
  });

  it('is in the journal with its answer, though the journal could not be written when it was put', async t => {
    const scene = await given(t, temporal, { plan: ASKS, alone: true });
    const { directory, name, depsFor } = scene.platform;
    const [plans, away] = [join(directory, 'run-plans'), join(directory, 'away')];
    scene.at('start', 'api', () => rename(plans, away));
    const run = await scene.start();
    const held = await isHeld(run);
    assert.match(held.headline, /cannot be read on this host/);
    await rename(away, plans);
    await decide(run, 'retry');
    const { report } = await run.end();
    assert.equal(report.outcome, 'completed', report.headline);
    const journal = await depsFor({ dead: false }).journals.open(name, report.run as RunId);
    const events = journal.entries().flatMap(({ fact }) => (fact.type === 'event' ? [fact] : []));
    assert.deepEqual(
      events.map(({ event }) => event),
      events.map((_, index) => index + 1),
      'none is left out',
    );
    assert.ok(events.some(({ what }) => what === 'answered'));
  });
});

/** Aftercare may be settling by now, and has the platform's lock for that time. */
const isGivenBack = ({ world, platform }: Scene) =>
  polled(
    'the lock to be given back',
    async () => !world.claims.has(platform.name),
    free => free,
  );

describe('the end of a run', { concurrency: 8 }, () => {
  it('gives the platform back though its report cannot be written, and says so', async t => {
    const scene = await given(t, temporal, { plan: ASKS, alone: true });
    await writeFile(join(scene.platform.directory, 'reports'), 'a file where a directory must be');
    const { report } = await scene.run();
    assert.equal(report.outcome, 'completed');
    assert.match(report.leftBehind.join(), /its report on host main: .*EEXIST|ENOTDIR/);
    await isGivenBack(scene);
  });

  it('waits for a worker that is away, and tells people meanwhile how it ended', async t => {
    const scene = await given(t, temporal, { plan: ASKS, alone: true });
    const isTold = async () => scene.platform.told.some(({ title }) => /completed/i.test(title));
    let dead: Promise<void> | undefined;
    scene.at('unclaim', '*', async () => {
      await polled('people to be told', isTold, told => told);
      dead = scene.dies();
    });
    const run = await scene.start();
    await polled(
      'the worker to die',
      async () => dead !== undefined,
      died => died,
    );
    await dead;
    await scene.serves();
    const { report } = await run.end();
    assert.deepEqual(report.leftBehind, []);
    await isGivenBack(scene);
  });

  it('does not wait as long for an engine that never answers, and says what stands open', async t => {
    const scene = await given(t, temporal, { plan: ASKS });
    scene.faults({ call: 'unclaim', kind: 'stall' });
    const run = await scene.start();
    const { leftBehind } = await run.handle.result();
    assert.match(leftBehind.join(), /^the engine's lock and the journal's end: .*no answer in time$/);
  });
});
