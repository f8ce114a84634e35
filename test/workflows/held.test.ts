import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { DriverError } from '../../src/drivers/errors.ts';
import { decide, isHeld } from './asked.ts';
import { given } from './given.ts';
import { useStage } from './shared-worker.ts';

const temporal = await useStage();

/** In seconds, at most: short for a phase that must run into it, long for one that has its answer at once. */
const budgets = ({ verify = 30, thaw = 30 } = {}): string =>
  `budgets: { start: { target: 1s, max: 30s }, verify: { target: 1s, max: ${verify}s }, thaw: { target: 1s, max: ${thaw}s }, undo: { target: 1s, max: 30s } }`;
const asks = (phases: string): string =>
  `${phases}\non-failure: { before-restore: ask, after-restore: ask, silence: stay, within: 1s }`;
const ASKS = asks(budgets());
const FRONT_DOOR_ASKS = asks(budgets({ thaw: 6 }));
const REVERTS = `${budgets()}\non-failure: { before-restore: revert, after-restore: revert }`;

describe('a held run', { concurrency: 8 }, () => {
  it('goes on when the failed step is retried', async t => {
    const scene = await given(t, temporal, { plan: ASKS });
    scene.faults({ call: 'start', target: 'web', kind: 'refuse', times: 1 });
    const run = await scene.start();
    const held = await isHeld(run);
    assert.equal(held.traffic, 'shut');
    assert.deepEqual(await decide(run, 'retry'), { counted: true, why: 'answered' });
    assert.equal((await run.end()).report.outcome, 'completed');
  });

  it('is reverted when a person says so', async t => {
    const scene = await given(t, temporal, { plan: ASKS });
    scene.behaves('v1', { starts: false });
    const run = await scene.start();
    await isHeld(run);
    await decide(run, 'revert');
    assert.equal((await run.end()).report.outcome, 'reverted');
  });

  it('closes held when it is handed over, and keeps its claim and its undo', async t => {
    const scene = await given(t, temporal, { plan: ASKS });
    scene.behaves('v1', { starts: false });
    const run = await scene.start();
    await isHeld(run);
    await decide(run, 'handover');
    const { report } = await run.end();
    assert.equal(report.outcome, 'held');
    assert.equal(scene.world.claims.get(scene.platform.name)?.run, report.run);
    assert.ok([...scene.world.containers.keys()].some(name => name.startsWith('api.lg-prev-')));
    const refused = await scene.run();
    assert.equal(refused.report.outcome, 'refused');
    assert.match(refused.report.next.join(), new RegExp(`--take-over ${report.run}`));
  });

  it('reverts on silence before the line, where the plan says so', async t => {
    const plan = `${budgets()}\non-failure: { before-restore: ask, after-restore: ask, silence: revert, within: 1s }`;
    const scene = await given(t, temporal, { plan });
    scene.behaves('v1', { starts: false });
    assert.equal((await scene.run()).report.outcome, 'reverted');
  });

  it('is reverted by an abort', async t => {
    const scene = await given(t, temporal, { plan: ASKS });
    scene.behaves('v1', { starts: false });
    const run = await scene.start();
    await isHeld(run);
    await run.ask('abort', { by: 'ada', reason: 'no' });
    assert.equal((await run.end()).report.outcome, 'reverted');
  });

  it('stays held through a pause and a resume', async t => {
    const scene = await given(t, temporal, { plan: ASKS });
    scene.behaves('v1', { starts: false });
    const run = await scene.start();
    await isHeld(run);
    await run.tell('pause', { by: 'ada', reason: 'wait' });
    await run.tell('resume', { by: 'ada', reason: 'go' });
    const seen = await run.until('both', p => p.heard.length === 2);
    assert.equal(seen.state, 'held');
    await decide(run, 'revert');
    assert.equal((await run.end()).report.outcome, 'reverted');
  });

  it('takes retry and handover alone after the line, and says what was written since', async t => {
    const scene = await given(t, temporal, { plan: FRONT_DOOR_ASKS });
    let well = false;
    scene.world.frontDoor = () => ({ verdict: well ? 'passed' : 'failed', reason: 'expected 200, found 502' });
    scene.at('front-door', '*', () => {
      const data = scene.world.volumes.get('data')!;
      data.live = { ...data.live, rows: 107 };
    });
    const run = await scene.start();
    const held = await isHeld(run);
    assert.equal(held.traffic, 'shut');
    assert.equal(scene.world.container('gate').activity, 'exited');
    assert.match(JSON.stringify(await run.progress()), /107 now - 100 at the freeze = 7/);
    const no = await decide(run, 'revert');
    assert.equal(no.counted, false);
    assert.match(no.why, /revert is not possible here: retry or handover/);
    well = true;
    await decide(run, 'retry');
    const { report } = await run.end();
    assert.equal(report.outcome, 'completed', report.headline);
    assert.ok(
      scene.platform.told.some(({ text }) => text.includes('107 now - 100 at the freeze = 7')),
      'people are told too',
    );
  });

  it('does not open again on a verification of before the hold', async t => {
    const scene = await given(t, temporal, { plan: asks(budgets({ verify: 8, thaw: 6 })) });
    scene.world.frontDoor = () => ({ verdict: 'failed', reason: 'expected 200, found 502' });
    const run = await scene.start();
    await isHeld(run);
    scene.world.container('api').activity = 'exited';
    await decide(run, 'retry');
    const again = await isHeld(run, 2);
    assert.equal(again.step, 'judge-inside');
    assert.equal(again.traffic, 'shut');
    assert.match(again.awaiting?.what ?? '', /100 now - 100 at the freeze = 0/);
    await decide(run, 'handover');
    assert.equal((await run.end()).report.outcome, 'held');
  });

  it('is held when a gate will not open, with every gate shut', async t => {
    const scene = await given(t, temporal, { plan: ASKS });
    scene.faults({ call: 'start', target: 'gate', kind: 'refuse', times: 1 });
    const run = await scene.start();
    const held = await isHeld(run);
    assert.equal(held.step, 'open-gates');
    await decide(run, 'retry');
    assert.equal((await run.end()).report.outcome, 'completed');
  });

  it('says NOT SHUT first, and names the gate that could not be shut', async t => {
    const scene = await given(t, temporal, { plan: FRONT_DOOR_ASKS });
    scene.world.frontDoor = () => ({ verdict: 'failed', reason: 'expected 200, found 502' });
    scene.at('front-door', '*', () => scene.faults({ call: 'stop', target: 'gate', kind: 'refuse' }));
    const run = await scene.start();
    const held = await isHeld(run);
    assert.deepEqual(held.notShut, ['ingress']);
    assert.match(held.headline, /^NOT SHUT: ingress/);
    await run.until('people are told', p => p.told.some(told => told.kind === 'held'));
    assert.match(scene.platform.told.find(({ urgency }) => urgency === 'page')?.title ?? '', /^NOT SHUT: ingress/);
    await decide(run, 'handover');
    assert.equal((await run.end()).report.outcome, 'held');
  });

  it('shuts every other gate though one cannot be shut, and names that one alone', async t => {
    const gates = ['gate', 'side']
      .map(name => `  ${name}: { docker: ${name}, by: stop, observe: { http: "http://127.0.0.1:1/", shut: refused } }`)
      .join('\n');
    const scene = await given(t, temporal, {
      plan: `${FRONT_DOOR_ASKS}\ngates:\n${gates}`,
      before: world => world.containers.set('side', { ...world.container('gate'), id: world.nextId() }),
    });
    scene.world.frontDoor = () => ({ verdict: 'failed', reason: 'expected 200, found 502' });
    scene.at('front-door', '*', () => scene.faults({ call: 'stop', target: 'gate', kind: 'refuse' }));
    const run = await scene.start();
    const held = await isHeld(run);
    assert.deepEqual(held.notShut, ['gate']);
    assert.equal(scene.world.container('side').activity, 'exited');
    scene.world.faults = [];
    scene.world.frontDoor = () => ({ verdict: 'passed', reason: 'answers' });
    await decide(run, 'retry');
    const { outcome } = await run.until('the end', p => p.outcome !== undefined);
    assert.equal(outcome, 'completed');
  });

  it('asks again when undoing fails: no revert any more, and a retry repeats the undo that failed', async t => {
    const scene = await given(t, temporal, { plan: REVERTS });
    scene.behaves('v1', { starts: false });
    scene.faults({ call: 'rename', target: 'api', kind: 'refuse', from: 2, times: 1 });
    const run = await scene.start();
    const held = await isHeld(run);
    assert.equal(held.direction, 'undo');
    assert.equal((await decide(run, 'revert')).counted, false);
    await decide(run, 'retry');
    const { report } = await run.end();
    assert.equal(report.outcome, 'reverted', report.headline);
  });

  it('can be handed over when its undo fails for good', async t => {
    const scene = await given(t, temporal, { plan: REVERTS });
    scene.behaves('v1', { starts: false });
    scene.faults({ call: 'rename', target: 'api', kind: 'refuse', from: 2 });
    const run = await scene.start();
    await isHeld(run);
    await decide(run, 'retry');
    await isHeld(run, 2);
    await decide(run, 'handover');
    assert.equal((await run.end()).report.outcome, 'held');
  });

  it('asks whose it is when somebody else changed the platform during verification', async t => {
    const plan = `${REVERTS}\nverify: { window: 2s, front-door: [{ http: "http://127.0.0.1:1/h" }] }`;
    const scene = await given(t, temporal, { plan });
    let ours: ReturnType<typeof scene.world.container> | undefined;
    const change = (): void => {
      ours = scene.world.container('api');
      const { madeBy: _, replaces: __, ...asked } = ours;
      scene.world.containers.set('api', { ...asked, id: 'made-again' });
    };
    // Once the probes have agreed, and all of it was seen to be right.
    scene.at('probe', 'api', () => scene.at('observe', 'api', change, 3), 2);
    const run = await scene.start();
    const held = await isHeld(run);
    assert.equal(held.steps.at(-1)?.result?.verdict, 'foreign');
    scene.world.containers.set('api', ours!);
    await decide(run, 'retry');
    assert.equal((await run.end()).report.outcome, 'completed');
  });

  it('is taken back when the last look before a gate opens finds it otherwise than verified', async t => {
    const calm = await given(t, temporal, { plan: REVERTS });
    await calm.run();
    const opening = calm.calls.findLastIndex(({ call, target }) => call === 'start' && target === 'gate');
    const ofApi = calm.calls.slice(0, opening).filter(({ target }) => target === 'api');
    const probes = ofApi.filter(({ call }) => call === 'probe').length;
    // How often it is looked at in the window is a matter of time; from the last probe on it is not.
    const sinceProbed = ofApi.slice(ofApi.findLastIndex(({ call }) => call === 'probe'));
    const looks = sinceProbed.filter(({ call }) => call === 'observe').length;
    const scene = await given(t, temporal, { plan: REVERTS });
    const stop = (): void => {
      scene.world.container('api').activity = 'exited';
    };
    scene.at('probe', 'api', () => scene.at('observe', 'api', stop, looks), probes);
    const { report } = await scene.run();
    const failing = report.steps.find(({ result }) => result?.verdict === 'failed');
    assert.equal(failing?.step, 'open-gates');
    assert.equal(report.outcome, 'reverted', report.headline);
  });
});

describe('people are told', { concurrency: 8 }, () => {
  it('level by level, until somebody acknowledges', async t => {
    const scene = await given(t, temporal, { plan: ASKS });
    scene.behaves('v1', { starts: false });
    const run = await scene.start();
    await run.until('level 2', p => p.told.some(told => told.level === 2));
    await run.tell('acknowledge', { by: 'bob', reason: 'on it' });
    const { told } = await run.until('the acknowledgement', p => p.heard.some(heard => heard.kind === 'acknowledge'));
    assert.deepEqual(
      told
        .filter(one => one.kind === 'held')
        .map(one => one.level)
        .slice(0, 2),
      [1, 2],
    );
    await decide(run, 'revert');
    assert.equal((await run.end()).report.outcome, 'reverted');
  });

  for (const kind of ['unavailable', 'refused'] as const) {
    it(`without holding the run up when the channel is ${kind}`, async t => {
      const scene = await given(t, temporal, { plan: REVERTS });
      scene.platform.down.set('oncall', new DriverError(kind, 'the channel is down'));
      scene.behaves('v1', { starts: false });
      const { report } = await scene.run();
      assert.equal(report.outcome, 'reverted');
      assert.ok(
        report.told.some(told => !told.delivered && told.why.includes('the channel is down')),
        JSON.stringify(report.told),
      );
    });
  }
});
