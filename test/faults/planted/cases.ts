import assert from 'node:assert/strict';
import type { Outcome } from '../../../src/run/events.ts';
import type { AftercareProgress } from '../../../src/workflows/aftercare.ts';
import { given, type Options, type Scene } from '../../workflows/given.ts';
import type { Stage } from '../../workflows/shared-worker.ts';
import { polled } from '../../workflows/waiting.ts';
import { planOf } from '../world/plan-of.ts';
import { play } from '../world/play.ts';
import { MEDDLINGS, quiet, type Script, WORLDS } from '../world/script.ts';

/** A small set of runs that hold on the code as it is, and of which some fail on each planted bug. */
export const CASES = {
  'a calm run completes': stage => ends(stage, {}, 'completed'),
  'a calm run captures what it keeps': stage =>
    on(stage, {}, async scene => {
      assert.equal((await scene.run()).report.outcome, 'completed');
      const store = scene.platform.depsFor({ dead: false }).snapshots(scene.platform.plan);
      assert.equal((await store.list(scene.platform.name)).snapshots.length, 1, 'one capture was to be taken');
    }),
  'a store is restored': stage => ends(stage, { shape: 'restored' }, 'completed'),
  'a failed start is undone': stage => ends(stage, refusing('start', 'web'), 'reverted'),
  'a failed swap is undone': stage => ends(stage, refusing('swap-file', '/etc/web'), 'reverted'),
  'an abort in the middle of stopping is undone': stage =>
    ends(stage, { shape: 'side-by-side', deeds: [{ call: 'stop', target: 'db', nth: 1, deed: 'abort' }] }, 'reverted'),
  'a stop whose worker died unheard happens once': stage =>
    ends(stage, { deeds: [{ call: 'stop', target: 'web', nth: 1, deed: 'dies-after' }] }, 'completed'),
  'an engine that restarts starts nothing that was stopped': stage =>
    on(stage, { shape: 'side-by-side' }, async scene => {
      const cameUp = Promise.withResolvers<readonly string[]>();
      scene.at('capture', 'data', () => {
        scene.world.restartEngine();
        const up = [...scene.world.containers].filter(([, one]) => one.activity === 'running');
        cameUp.resolve(up.map(([name]) => name));
      });
      const run = await scene.start();
      assert.deepEqual(await cameUp.promise, [], 'what was stopped was to stay so');
      await run.end();
    }),
  'a verification lasts as long as its window': stage =>
    on(stage, { verify: '1500ms' }, async scene => {
      const { report } = await scene.run();
      assert.equal(report.outcome, 'completed', report.headline);
      const judged = report.steps.find(({ step }) => step === 'judge-inside')?.result?.reason ?? '';
      assert.match(judged, /over [3-9] samples/, 'it is looked at each second, and at the end');
    }),
  'a loss above its ceiling replaces nothing': stage =>
    on(stage, { shape: 'restored' }, async scene => {
      scene.at('set-policy', 'gate', () => {
        scene.changes(world => {
          const data = world.volumes.get('data')!;
          data.live = { ...data.live, rows: 101 };
        });
      });
      assert.equal((await scene.run({ lossCeiling: 10 })).report.outcome, 'reverted');
    }),
  'a release whose probes do not answer is undone': stage =>
    ends(
      stage,
      { phase: 6_000, faults: [{ call: 'probe', target: 'web', nth: 2, kind: 'unavailable', times: 1_000 }] },
      'reverted',
    ),
  'what was edited by hand in mid-run does not open': stage =>
    ends(
      stage,
      {
        faults: [{ call: 'rename', target: 'web.lg-*', nth: 1, kind: 'refuse', times: 1 }],
        deeds: [{ call: 'swap-file', target: '/etc/web', nth: 1, deed: 'foreign-edit' }],
      },
      'held',
    ),
  'what was edited by hand before the freeze refuses the run': stage =>
    ends(stage, { deeds: [{ call: 'create', target: 'web.lg-*', nth: 1, deed: 'foreign-edit' }] }, 'refused'),
  'silence on an approval refuses the run': stage => ends(stage, { approval: 'silence' }, 'refused'),
  'a held run keeps its lock, and its decision is on record': stage =>
    on(stage, { afterRestore: 'ask', answers: ['handover'] }, async scene => {
      scene.behaves('v1', { starts: false });
      const run = await scene.start();
      await run.until('the hold', p => p.state === 'held' && p.awaiting !== undefined);
      await run.ask('decide', { decide: 'handover', by: 'ada', reason: 'mine' });
      const { report } = await run.end();
      assert.equal(report.outcome, 'held');
      assert.equal(scene.world.claims.get(scene.platform.name)?.run, report.run, 'its lock was to be kept');
    }),
  'a front door that fails shuts the gates again': stage =>
    ends(stage, { faults: [{ call: 'front-door', target: 'http', nth: 1, kind: 'refuse', times: 1 }] }, 'held'),
  'after a hold past the line nothing opens on an old verification': stage =>
    on(stage, { phase: 6_000 }, async scene => {
      scene.world.frontDoor = () => ({ verdict: 'failed', reason: 'expected 200, found 502' });
      const run = await scene.start();
      await run.until('the hold', p => p.state === 'held' && p.awaiting !== undefined);
      scene.behaves('v1', { healthy: false });
      scene.world.frontDoor = () => ({ verdict: 'passed', reason: 'answers' });
      await run.ask('decide', { decide: 'retry', by: 'ada', reason: 'mended' });
      await run.until(
        'another hold, or the end',
        p => p.heard.length > 0 && (p.state === 'held' || p.state === 'closed'),
      );
      await run.until('the question', p => p.awaiting !== undefined || p.outcome !== undefined);
      await run.ask('decide', { decide: 'handover', by: 'ada', reason: 'mine' }).catch(() => undefined);
      const { outcome, headline } = (await run.end()).report;
      assert.equal(outcome, 'held', `it is verified once more before it opens: ${headline}`);
    }),
  'what was not exported is not dropped': stage =>
    on(stage, { shape: 'restored', settles: true }, async scene => {
      scene.faults({ call: 'export', target: 'data', kind: 'refuse' });
      assert.equal((await scene.run({ lossCeiling: 10 })).report.outcome, 'completed');
      const care = stage.client.workflow.getHandle(`aftercare:${scene.platform.name}`);
      // Why it is kept is told once settling it was tried.
      await polled(
        'settling to be tried',
        () => care.query<AftercareProgress>('progress'),
        ({ state, kept }) => state === 'settled' || kept !== '',
      );
      assert.equal(scene.world.volumes.get('data')?.outgoing.size, 1, 'the replaced store was to be kept');
      await care.terminate();
    }),
  'what was edited by hand before the swap is named, and kept': stage =>
    on(stage, { settles: true }, async scene => {
      scene.at('capture', 'data', () => scene.meddles(MEDDLINGS['foreign-edit']));
      const { report } = await scene.run();
      assert.equal(report.outcome, 'completed', report.headline);
      const said = report.steps.find(({ step }) => step === 'swap-in')?.result?.reason ?? '';
      assert.match(said, /; web-conf: .*changed by somebody/);
      const care = stage.client.workflow.getHandle(`aftercare:${scene.platform.name}`);
      const { kept } = await polled(
        'settling to be tried',
        () => care.query<AftercareProgress>('progress'),
        ({ state, kept }) => state === 'settled' || kept !== '',
      );
      const aside = [...(scene.world.files.get('/etc/web')?.outgoing.values() ?? [])];
      assert.deepEqual(aside, ['edited by hand'], 'what somebody saved was to be kept');
      assert.match(kept, /web-conf: .*take what you need of it, then remove it/);
      await care.terminate();
    }),
} satisfies Record<string, (stage: Stage) => Promise<void>>;
export type CaseName = keyof typeof CASES;

const refusing = (call: string, target: string): Partial<Script> => ({
  faults: [{ call, target, nth: 1, kind: 'refuse', times: 1 }],
});

/** No phase is over before a slow machine is. */
const scriptOf = (change: Partial<Script>): Script => ({
  ...quiet(change.shape ?? 'one-tier'),
  phase: 60_000,
  ...change,
});

async function ends(stage: Stage, change: Partial<Script>, outcome: Outcome): Promise<void> {
  const { report } = await play(stage, scriptOf(change));
  assert.equal(report.outcome, outcome, report.headline);
}

async function on(
  stage: Stage,
  { verify, ...change }: Partial<Script> & { verify?: string },
  work: (scene: Scene) => Promise<void>,
): Promise<void> {
  const script = scriptOf(change);
  const { shape, data } = WORLDS[script.shape];
  const plan = planOf(script).replace('window: 20ms', `window: ${verify ?? '20ms'}`);
  const endings: (() => unknown)[] = [];
  const options: Options = { shape, data, plan, atEnd: end => void endings.push(end) };
  try {
    await work(await given({ after: end => void endings.push(end as () => unknown) }, stage, options));
  } finally {
    for (const end of endings.reverse()) await end();
  }
}
