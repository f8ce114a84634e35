import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Recording, RecordRequest } from '../../src/activities/contract.ts';
import type { HostDrivers } from '../../src/drivers/contract.ts';
import type { World } from '../../src/drivers/scripted/world.ts';
import type { ReleaseId } from '../../src/plan/ids.ts';
import type { Kind, Plan } from '../../src/plan/plan.ts';
import { recordId } from '../../src/workflows/messages.ts';
import { useTemporal } from '../support/temporal.ts';
import { journalsOf } from './evidence-of.ts';
import { finished, startRun } from './run-of.ts';
import { createScriptedPlatform, queueOf, type ScriptedPlatform } from './scripted-platform.ts';
import { serve } from './serve.ts';
import { within } from './waiting.ts';

const temporal = await useTemporal();
const V2 = 'v2' as ReleaseId;

/** The next count takes longer than anybody waits. Resolves once it is under way. */
function stallCount(world: World): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  world.faults.push({ call: 'count', kind: 'stall', times: 1 });
  world.before = call => {
    if (call === 'count') resolve();
  };
  return promise;
}

/** Whose count says that it is still asked, as a database's driver does: so it hears that nobody waits any more. */
const beating = (platform: ScriptedPlatform): ScriptedPlatform => ({
  ...platform,
  depsFor: life => {
    const deps = platform.depsFor(life);
    const drivers = (plan: Plan): HostDrivers => {
      const host = deps.drivers(plan);
      const store = host.of('docker-volume');
      const countRows: typeof store.countRows = async (target, count, look) => {
        const beat = setInterval(() => look.progress({ current: 'counting' }), 200);
        return store.countRows!(target, count, look).finally(() => clearInterval(beat));
      };
      const of = (kind: Kind) => (kind === 'docker-volume' ? { ...store, countRows } : host.of(kind));
      return { ...host, of: of as HostDrivers['of'] };
    };
    return { ...deps, drivers };
  },
});

/** What was kept of the rows, in every journal of the platform. */
const rowsKept = async (platform: ScriptedPlatform) =>
  (await journalsOf(platform)).flatMap(({ entries }) =>
    entries.flatMap(({ fact }) => (fact.type === 'rows' ? [fact.rows] : [])),
  );

const record = (platform: ScriptedPlatform, change: Partial<RecordRequest>) =>
  temporal.client.workflow.start<(request: RecordRequest) => Promise<Recording>>('record', {
    workflowId: recordId(platform.name),
    taskQueue: queueOf(platform),
    args: [{ platform: platform.name, by: 'test', what: 'record', capture: false, ...change }],
  });

describe('a count of rows that is given up', { concurrency: 3 }, () => {
  it('by a worker that is told to stop is the next one’s to make, and what was to be kept is judged by it', async t => {
    const platform = await createScriptedPlatform();
    const first = await serve(temporal, platform);
    const counting = stallCount(platform.world);
    const run = await startRun(temporal, platform, platform.request());
    await within(counting);
    await first();
    const next = await serve(temporal, platform);
    t.after(next);
    const { report } = await within(finished(run));
    assert.equal(report.outcome, 'completed', report.headline);
    assert.deepEqual(await rowsKept(platform), [{ data: 100 }]);
    assert.match(JSON.stringify(report), /data 100 rows/);
  });

  it('by a worker that is told to stop in the course of a deploy leaves a capture that can be restored', async t => {
    const platform = await createScriptedPlatform();
    const first = await serve(temporal, platform);
    await within((await record(platform, { release: V2 })).result());
    Object.assign(platform.world.container('gate'), { activity: 'exited', policy: 'no' });
    const counting = stallCount(platform.world);
    const capture = await record(platform, { capture: true });
    await within(counting);
    await first();
    const next = await serve(temporal, platform);
    t.after(next);
    const { release } = await within(capture.result());
    const store = platform.depsFor({ dead: false }).snapshots(platform.plan);
    const { manifest } = await store.open(release!.snapshots[0]!);
    assert.deepEqual(manifest.rows, { data: 100 });
  });

  it('by the maximum of its phase fails the step: nothing is replaced on no count', async t => {
    const plan = 'budgets: { snapshot: { target: 1s, max: 3s } }\non-failure: { before-restore: revert }';
    const platform = await createScriptedPlatform({ plan });
    t.after(await serve(temporal, beating(platform)));
    void stallCount(platform.world);
    const { report } = await within(finished(await startRun(temporal, platform, platform.request())));
    assert.equal(report.outcome, 'reverted', report.headline);
    assert.match(report.headline, /capture-live is past its maximum/);
    assert.deepEqual(await rowsKept(platform), []);
  });
});
