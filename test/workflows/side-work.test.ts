import assert from 'node:assert/strict';
import { rename } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { WorkflowFailedError } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import type { Recording, RecordRequest, Survey } from '../../src/activities/contract.ts';
import type { ReleaseId } from '../../src/plan/ids.ts';
import type { RollbackRequest } from '../../src/plan/rollback-request.ts';
import type { AftercareProgress } from '../../src/workflows/aftercare.ts';
import { aftercareId, recordId, surveyId } from '../../src/workflows/messages.ts';
import { seenIn } from './evidence-of.ts';
import { given, type Scene } from './given.ts';
import { useStage } from './shared-worker.ts';
import { polled, within } from './waiting.ts';

const temporal = await useStage();
const V2 = 'v2' as ReleaseId;

async function record(scene: Scene, change: Partial<RecordRequest>): Promise<Recording> {
  const request: RecordRequest = {
    platform: scene.platform.name,
    by: 'test',
    what: 'record',
    capture: false,
    ...change,
  };
  const handle = await temporal.client.workflow.start('record', {
    workflowId: recordId(scene.platform.name),
    taskQueue: scene.platform.queue,
    args: [request],
  });
  return within(handle.result());
}

/** Why it was refused. */
const refusal = async (work: Promise<unknown>): Promise<string> => {
  const error = await work.then(
    () => assert.fail('it was to be refused'),
    failure => failure,
  );
  const cause = error instanceof WorkflowFailedError ? error.cause : undefined;
  assert.ok(cause instanceof ApplicationFailure, String(error));
  return cause.message;
};
const survey = async (scene: Scene, change: Partial<RollbackRequest> = {}): Promise<Survey> =>
  temporal.client.workflow.execute('survey', {
    workflowId: surveyId(scene.platform.name, crypto.randomUUID()),
    taskQueue: scene.platform.queue,
    args: [{ what: 'plan', request: scene.platform.request(change) }],
  });
const care = (scene: Scene) => temporal.client.workflow.getHandle(aftercareId(scene.platform.name));
const watched = (scene: Scene, what: string, stands: (p: AftercareProgress) => boolean) =>
  polled(what, () => care(scene).query<AftercareProgress>('progress'), stands);

const kept = (scene: Scene) => [...scene.world.containers.keys()].filter(name => name.includes('.lg-'));

describe('recording a release', { concurrency: 8 }, () => {
  it('earns good after its soak, and is then what a run goes back to', async t => {
    const scene = await given(t, temporal);
    assert.equal((await record(scene, { release: V2 })).release?.id, V2);
    const good = await record(scene, { what: 'good', release: V2 });
    assert.match(good.release?.good?.reason ?? '', /soaked \d+ of 1 s, 3 of 3 probes|probes pass/);
    assert.ok((good.release?.good?.samples.length ?? 0) > 0);
    assert.deepEqual([...scene.world.claims], []);
  });

  for (const [title, spoil, says] of [
    [
      'a container was made again',
      (s: Scene) => void s.world.containers.set('api', { ...s.world.container('api'), id: 'other' }),
      /identity/,
    ],
    [
      'a container restarts',
      (s: Scene) => Object.assign(s.world.container('api'), { restarts: 2 }),
      /api restarted 2 times/,
    ],
    ['a probe fails', (s: Scene) => s.behaves('v2', { healthy: false }), /probes pass: api: expected ok/],
  ] as const) {
    it(`is not good when ${title}`, async t => {
      const scene = await given(t, temporal);
      await record(scene, { release: V2 });
      spoil(scene);
      assert.match(await refusal(record(scene, { what: 'good', release: V2 })), says);
    });
  }

  for (const name of ['gate', 'api'])
    it(`is refused while ${name} does not run, unless that is asked for`, async t => {
      const scene = await given(t, temporal);
      scene.world.container(name).activity = 'exited';
      assert.match(await refusal(record(scene, { release: V2 })), new RegExp(`${name} is exited`));
      assert.deepEqual([...scene.world.claims], []);
      const recorded = await record(scene, { release: V2, allowStopped: true });
      assert.equal(recorded.release?.id, V2);
    });

  it('refuses a capture under traffic, and changes nothing', async t => {
    const scene = await given(t, temporal);
    const before = seenIn(scene.world);
    assert.match(await refusal(record(scene, { capture: true })), /gate ingress is not shut/);
    assert.deepEqual(seenIn(scene.world), before);
    assert.deepEqual([...scene.world.claims], []);
  });

  const shut = (scene: Scene): void => {
    Object.assign(scene.world.container('gate'), { activity: 'exited', policy: 'no' });
  };

  it('captures behind shut gates, and leaves everything as it was found', async t => {
    const scene = await given(t, temporal);
    await record(scene, { release: V2 });
    shut(scene);
    scene.world.container('web').activity = 'exited';
    const before = seenIn(scene.world);
    const { release } = await record(scene, { capture: true });
    assert.equal(release?.snapshots.length, 1);
    assert.deepEqual(seenIn(scene.world), before);
  });

  for (const [call, target] of [
    ['stop', 'db'],
    ['capture', 'data'],
  ] as const) {
    it(`starts again what it stopped when ${call} of ${target} fails`, async t => {
      const scene = await given(t, temporal);
      await record(scene, { release: V2 });
      shut(scene);
      const before = seenIn(scene.world);
      scene.faults({ call, target, kind: 'refuse' });
      assert.match(await refusal(record(scene, { capture: true })), /scripted refuse/);
      assert.deepEqual(seenIn(scene.world), before);
      assert.deepEqual([...scene.world.claims], []);
    });
  }

  it('is refused while a rollback holds the platform', async t => {
    const scene = await given(t, temporal, { approvals: 1 });
    const run = await scene.start();
    await run.until('the question', p => p.state === 'waiting');
    assert.match(await refusal(record(scene, { release: V2 })), /held by run/);
    await run.tell('deny', { by: 'eve', reason: 'enough' });
    assert.equal((await run.end()).report.outcome, 'refused');
  });
});

describe('a survey', () => {
  it('says what a run would do, and changes and claims nothing', async t => {
    const scene = await given(t, temporal);
    const before = seenIn(scene.world);
    const seen = await survey(scene);
    assert.ok(seen.what === 'plan' && seen.admission.verdict === 'passed');
    assert.deepEqual(seenIn(scene.world), before);
    assert.deepEqual(scene.world.happenings, []);
    assert.deepEqual(scene.world.claimed, []);
    const { report } = await scene.run({ expect: seen.admission.outline.hash });
    assert.equal(report.outcome, 'completed');
  });

  it('forecasts from the runs that completed before', async t => {
    const scene = await given(t, temporal, { plan: 'aftercare: { for: 10m, every: 10m }' });
    const first = await survey(scene);
    assert.ok(first.what === 'plan' && first.admission.verdict === 'passed');
    assert.equal(first.admission.outline.forecast.from, 'estimated');
    const { report } = await scene.run();
    const { ledger } = scene.platform.depsFor({ dead: false });
    const before = (await ledger.list(scene.platform.name)).find(entry => entry.origin === 'run')!;
    const again = await survey(scene, { release: before.id });
    assert.ok(again.what === 'plan' && again.admission.verdict === 'passed');
    const { from, outage } = again.admission.outline.forecast;
    assert.deepEqual([from, outage], ['measured', report.outageMs]);
  });

  it('is refused while a run is left in the middle, and no more once it was let go by hand', async t => {
    const scene = await given(t, temporal);
    const as = structuredClone([...scene.world.containers]);
    const gone = Promise.withResolvers<void>();
    scene.at('start', 'web', () => run.handle.terminate('lost').then(() => gone.resolve(), gone.reject));
    const run = await scene.start();
    await gone.promise;
    // Somebody mends the platform, and removes the claim.
    for (const [name, stood] of as) scene.world.containers.set(name, stood);
    scene.world.claims.clear();
    const kept = await survey(scene);
    assert.ok(kept.what === 'plan' && kept.admission.verdict === 'failed');
    assert.match(kept.admission.result.reason, /was left in the middle/);
    const { name, directory } = scene.platform;
    const left = run.handle.firstExecutionRunId;
    await rename(join(directory, 'journals', name, `${left}.jsonl`), join(directory, 'let-go.jsonl'));
    const free = await survey(scene);
    assert.ok(free.what === 'plan');
    assert.equal(free.admission.verdict, 'passed', free.admission.result.reason);
  });
});

describe('aftercare', { concurrency: 8 }, () => {
  it('watches, and then drops what undo kept', async t => {
    const scene = await given(t, temporal);
    let before: readonly string[] = [];
    scene.at('remove', '*', () => {
      before = kept(scene);
    });
    await scene.run();
    await watched(scene, 'the end', p => p.state === 'settled');
    assert.ok(before.length > 0);
    assert.deepEqual(kept(scene), []);
    assert.deepEqual([...scene.world.claims], []);
  });

  it('exports a store that was replaced before it drops it, though another store was captured too', async t => {
    const scene = await given(t, temporal, {
      data: 'restore',
      plan: `targets:
  db: { tier: stores, docker: db, probes: [{ tcp: 5432, within: 5s }] }
  api: { tier: services, docker: api, probes: [{ http: /health, port: 80, within: 5s }] }
  web: { tier: services, docker: web, probes: [{ http: /health, port: 80, within: 5s }] }
  gate: { docker: gate }
  data: { docker-volume: data, data: restore, count: { lines: rows.log } }
  more: { docker-volume: more, data: keep, count: { lines: rows.log } }
  web-conf: { files: /etc/web, used-by: [web] }`,
      before: world =>
        world.volumes.set('more', { live: { version: 'more', rows: 5 }, staged: new Map(), outgoing: new Map() }),
    });
    const run = await scene.start({ lossCeiling: 10 });
    await run.until('the end', p => p.outcome === 'completed');
    await watched(scene, 'the end', p => p.state === 'settled');
    const { snapshots } = await scene.platform
      .depsFor({ dead: false })
      .snapshots(scene.platform.plan)
      .list(scene.platform.name);
    assert.ok(
      snapshots.some(
        one => one.notes.some(note => note.startsWith('what run')) && one.artifacts.some(a => a.name === 'data'),
      ),
    );
    assert.equal(scene.world.volumes.get('data')?.outgoing.size, 0);
  });

  it('drops nothing while the export of what was replaced fails', async t => {
    const scene = await given(t, temporal, { data: 'restore' });
    scene.at('front-door', '*', () => scene.faults({ call: 'export', kind: 'refuse' }));
    await scene.run({ lossCeiling: 10 });
    await watched(scene, 'settling', p => p.state === 'settling');
    assert.equal(scene.world.volumes.get('data')?.outgoing.size, 1);
    assert.ok(kept(scene).length > 0);
  });

  it('tells people what is worse than on good days, and starts no rollback', async t => {
    const scene = await given(t, temporal);
    scene.at('front-door', '*', () => scene.behaves('v1', { healthy: false }));
    await scene.run();
    const seen = await watched(scene, 'worse', p => p.worse.length > 0);
    assert.match(seen.worse[0] ?? '', /api .*expected ok, found error/);
    await polled(
      'people are told',
      async () => scene.platform.told,
      told => told.some(({ id }) => id.includes('aftercare')),
    );
  });

  it('hands over to a new run, whose own watch drops what both kept', async t => {
    const scene = await given(t, temporal, { plan: 'aftercare: { for: 4s, every: 1s }' });
    await scene.run();
    const { ledger } = scene.platform.depsFor({ dead: false });
    const before = (await ledger.list(scene.platform.name)).find(entry => entry.origin === 'run')!;
    const back = await scene.start({ release: before.id });
    const seen = await back.until('the end', p => p.outcome !== undefined);
    assert.equal(seen.outcome, 'completed', seen.headline);
    assert.deepEqual(seen.leftBehind, []);
    await watched(scene, 'the end', p => p.run === seen.run && p.state === 'settled');
    assert.deepEqual(kept(scene), []);
  });

  it('of a run that took over another drops what that one kept', async t => {
    const scene = await given(t, temporal);
    const gone = Promise.withResolvers<void>();
    scene.at('front-door', '*', () => run.handle.terminate('lost').then(() => gone.resolve(), gone.reject));
    const run = await scene.start();
    await gone.promise;
    const { report } = await scene.run({ takeOver: run.handle.firstExecutionRunId as never });
    assert.equal(report.outcome, 'completed');
    assert.ok(kept(scene).length > 0);
    await watched(scene, 'the end', p => p.state === 'settled');
    assert.deepEqual(kept(scene), []);
  });
});
