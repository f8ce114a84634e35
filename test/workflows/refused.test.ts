import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { World } from '../../src/drivers/scripted/world.ts';
import type { EngineId, PlatformName, ReleaseId, RunHash, RunId } from '../../src/plan/ids.ts';
import { given, type Options, type Scene } from './given.ts';
import { finished } from './run-of.ts';
import { SIDE_BY_SIDE } from './shapes.ts';
import { useStage } from './shared-worker.ts';
import { polled } from './waiting.ts';

const temporal = await useStage();

interface Refusal {
  readonly title: string;
  readonly options?: Options;
  readonly arrange?: (scene: Scene) => unknown;
  readonly request?: Parameters<Scene['run']>[0];
  readonly says: RegExp;
}

function carry(world: World, holds: string | undefined): void {
  const data = world.volumes.get('data')!;
  const { holds: _before, ...live } = data.live;
  data.live = holds === undefined ? live : { ...live, holds };
}

function vanishOnceStopped(world: World, name: string): void {
  world.container(name).removedOnceStopped = true;
}

const REFUSALS: readonly Refusal[] = [
  {
    title: 'the release runs already',
    arrange: scene =>
      scene.changes(world => {
        for (const name of ['api', 'web', 'gate']) {
          const version = name === 'gate' ? 'nginx of v1' : 'v1';
          world.containers.set(name, { ...world.container(name), version, settings: 'settings of v1' });
        }
        const conf = world.files.get('/etc/web')!;
        conf.live = conf.live.replace('v2', 'v1');
      }),
    says: /nothing to do/,
  },
  { title: 'the release is not recorded', request: { release: 'v9' as ReleaseId }, says: /v9 is not recorded/ },
  {
    title: 'the release has not earned good',
    arrange: async ({ platform }) => {
      const { ledger } = platform.depsFor({ dead: false });
      const targets = (await ledger.list(platform.name))[0]!.targets.map(state => ({ state, body: {} }));
      await ledger.add({ platform: platform.name, id: 'v0' as ReleaseId, origin: 'record', by: 'test', targets });
    },
    request: { release: 'v0' as ReleaseId },
    says: /v0 has not earned good/,
  },
  {
    title: 'a container of the plan is missing',
    arrange: scene => scene.changes(world => void world.containers.delete('web')),
    says: /web: it is not there/,
  },
  {
    title: 'a container that does not change would be gone once it is stopped',
    arrange: scene => scene.changes(world => vanishOnceStopped(world, 'db')),
    says: /db: its container is removed as soon as it stops \(--rm\)/,
  },
  {
    title: 'a gate that is no target would be gone once it is stopped',
    options: { shape: SIDE_BY_SIDE },
    arrange: scene => scene.changes(world => vanishOnceStopped(world, 'gate')),
    says: /gate:ingress: its container is removed as soon as it stops \(--rm\)/,
  },
  {
    title: 'a stranger can write a store',
    arrange: scene => void scene.world.strangers.push('container backup can write volume data'),
    says: /backup can write/,
  },
  {
    title: 'another run hash is expected',
    request: { expect: 'a'.repeat(64) as RunHash },
    says: /expected run hash aaaa/,
  },
  {
    title: 'an expected hash is too short to say which',
    request: { expect: 'a' as RunHash },
    says: /expected run hash/,
  },
  {
    title: 'another run holds the claim',
    arrange: ({ world, platform }) => void world.claims.set(platform.name, { run: 'somebody', fence: 3 }),
    says: /run somebody holds .*--take-over somebody|run somebody holds/,
  },
  {
    title: 'more rows would be lost than are accepted',
    options: { data: 'restore' },
    request: { lossCeiling: 9 },
    says: /lose 10 rows and 9 are accepted/,
  },
  {
    title: 'a store that is kept was carried to another major version of its engine',
    options: { before: world => carry(world, 'PostgreSQL 15') },
    arrange: scene => scene.changes(world => carry(world, 'PostgreSQL 16')),
    says: /data: it is to be kept, and holds PostgreSQL 16 where release v1 ran on PostgreSQL 15/,
  },
  {
    title: 'what a store that is kept holds can no longer be told',
    options: { before: world => carry(world, 'PostgreSQL 15') },
    arrange: scene => scene.changes(world => carry(world, undefined)),
    says: /data: it is to be kept, and what it holds cannot be told where release v1 ran on PostgreSQL 15/,
  },
  {
    title: 'the release cannot be staged',
    arrange: scene => scene.faults({ call: 'can-stage', target: 'api', kind: 'refuse' }),
    says: /can-stage api: scripted refuse/,
  },
  {
    title: 'staging fails',
    arrange: scene => scene.faults({ call: 'stage-file', kind: 'refuse' }),
    says: /stage-file/,
  },
  {
    title: 'the platform moves between the approval and the freeze',
    arrange: scene =>
      scene.at('create', '*', () =>
        scene.changes(world => void world.containers.set('web', { ...world.container('web'), id: 'made-again' })),
      ),
    says: /no longer the approved one: web: identity/,
  },
  {
    title: 'the engine does not answer',
    options: { plan: 'budgets: { prepare: { target: 1s, max: 3s } }' },
    arrange: scene => scene.faults({ call: 'create', kind: 'unavailable' }),
    says: /scripted unavailable|past its maximum/,
  },
];

describe('a run is refused, and nothing is touched, when', { concurrency: 8 }, () => {
  for (const { title, options, arrange, request, says } of REFUSALS) {
    it(title, async t => {
      const scene = await given(t, temporal, options);
      await arrange?.(scene);
      const claims = [...scene.world.claims];
      const { report } = await scene.run(request);
      assert.equal(report.outcome, 'refused', report.headline);
      assert.match(report.headline, says);
      assert.ok(report.next.length > 0, 'says what to do next');
      assert.deepEqual([...scene.world.claims], claims, 'the claim is as it was');
      const left = [...scene.world.containers.keys()].filter(name => name.includes('.lg-'));
      assert.deepEqual(left, [], 'nothing of it is left behind');
    });
  }

  it('another run claims the platform at the last moment, and people hear of that one', async t => {
    const scene = await given(t, temporal);
    const { name, depsFor } = scene.platform;
    const run = '0192f0c1-aaaa-7000-8000-00a1b2c3d4e5' as RunId;
    scene.at('claim', '*', async () => {
      const journal = await depsFor({ dead: false }).journals.open(name, run);
      const engine = scene.world.engineId as EngineId;
      await journal.append({ type: 'opened', platform: name, run, engine, hash: 'a'.repeat(64) });
      scene.world.claims.set(name, { run, fence: 1 });
    });
    const { handle } = await scene.start();
    const { report } = await finished(handle);
    assert.equal(report.outcome, 'refused');
    assert.match(report.headline, new RegExp(`run ${run} holds ${name}.*its journal is open`));
    assert.ok(scene.platform.told.some(({ id, urgency }) => id.startsWith(report.run) && urgency === 'page'));
    assert.deepEqual(scene.world.happenings, []);
  });

  it('another run has claimed the platform meanwhile, and a try whose workflow is gone leaves no journal open', async t => {
    const scene = await given(t, temporal);
    const { name, depsFor } = scene.platform;
    const other = '0192f0c1-aaaa-7000-8000-00a1b2c3d4e6' as RunId;
    scene.at('claim', '*', async () => {
      scene.world.claims.set(name, { run: other, fence: 1 });
      await run.handle.terminate('the server is lost');
    });
    const run = await scene.start();
    const facts = async () => {
      const { journals } = depsFor({ dead: false });
      return ((await journals.find(name, run.handle.firstExecutionRunId as RunId)) ?? []).map(({ fact }) => fact.type);
    };
    const last = await polled('its journal to be closed', facts, seen => seen.includes('closed'));
    assert.deepEqual(last, ['opened', 'closed']);
    assert.deepEqual(scene.world.happenings, []);
  });

  it('no plan of the platform can be read, though no host is known then', async t => {
    const scene = await given(t, temporal);
    const { handle } = await scene.start({ platform: `${scene.platform.name}x` as PlatformName });
    await assert.rejects(handle.result(), /refused|failed/i);
    assert.deepEqual(scene.world.happenings, []);
  });
});
