import { realpathSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, it } from 'node:test';
import type { WorkflowHandle } from '@temporalio/client';
import { historyToJSON } from '@temporalio/common/lib/proto-utils.js';
import { startRollback } from '../../src/client/runs.ts';
import { rollbackId } from '../../src/workflows/messages.ts';
import type { rollback } from '../../src/workflows/rollback.ts';
import { poll } from '../../testbed/process/poll.ts';
import { awaitPoint } from '../platforms/kill-points.ts';
import { requestOf } from '../platforms/runs.ts';
import { setStand } from '../platforms/stand.ts';
import { given, type Scene } from '../workflows/given.ts';
import { finished } from '../workflows/run-of.ts';
import { useStage } from '../workflows/shared-worker.ts';

// Records the histories that test/replay/replay.test.ts holds the workflows to: `node --test test/replay/record.ts`.
// Until the first release they are recorded anew when the order of workflow commands changes; from then on a change
// needs a patch marker, and these files are only ever added to.

const ROOT = join(import.meta.dirname, '../..');
/** Where the packages really lie: a directory of another place may be linked. */
const PACKAGES = realpathSync(join(ROOT, 'node_modules'));
const DIRECTORY = join(import.meta.dirname, 'histories');
const temporal = await useStage();
await mkdir(DIRECTORY, { recursive: true });

async function keep(name: string, handle: WorkflowHandle): Promise<void> {
  // Stack traces name the directory that they were made in.
  const history = historyToJSON(await handle.fetchHistory())
    .replaceAll(ROOT, '/lastgood')
    .replaceAll(PACKAGES, '/lastgood/node_modules');
  await writeFile(join(DIRECTORY, `${name}.json`), `${JSON.stringify(JSON.parse(history))}\n`);
}

const recording = (
  name: string,
  options: Parameters<typeof given>[2],
  play: (scene: Scene) => Promise<WorkflowHandle>,
): void =>
  void it(name, async t => {
    const scene = await given(t, temporal, options);
    await keep(name, await play(scene));
  });

const held = (p: { state: string }): boolean => p.state === 'held';
const by = { by: 'ada', reason: 'seen' };

recording('completed', {}, async scene => (await scene.run()).handle);
recording('refused', {}, async scene => (await scene.run({ release: 'v9' as never })).handle);

recording('denied', { approvals: 1 }, async scene => {
  const run = await scene.start();
  await run.until('the question', p => p.state === 'waiting');
  await run.ask('deny', by);
  return (await run.end()).handle;
});

recording('approved', { approvals: 1 }, async scene => {
  const run = await scene.start();
  const { outline } = await run.until('the question', p => p.state === 'waiting');
  await run.ask('confirm', { by: 'ben', hash: outline?.hash.slice(0, 12) });
  return (await run.end()).handle;
});

recording('reverted', {}, async scene => {
  scene.faults({ call: 'stop', target: 'db', kind: 'refuse' });
  return (await scene.run()).handle;
});

recording(
  'held-then-retried',
  { plan: 'on-failure: { before-restore: ask, after-restore: ask, silence: stay }' },
  async scene => {
    scene.faults({ call: 'start', target: 'api', kind: 'refuse', times: 1 });
    const run = await scene.start();
    await run.until('the hold', held);
    await run.ask('decide', { ...by, decide: 'retry' });
    return (await run.end()).handle;
  },
);

recording(
  'held-then-handed-over',
  { plan: 'on-failure: { before-restore: ask, after-restore: ask, silence: stay }' },
  async scene => {
    scene.faults({ call: 'start', target: 'api', kind: 'refuse' });
    const run = await scene.start();
    await run.until('the hold', held);
    await run.ask('decide', { ...by, decide: 'handover' });
    return (await run.end()).handle;
  },
);

recording('reverted-after-a-failed-revert', {}, async scene => {
  scene.faults(
    { call: 'stop', target: 'db', kind: 'refuse' },
    { call: 'start', target: 'api', kind: 'refuse', times: 1 },
  );
  const run = await scene.start();
  await run.until('the hold', held);
  await run.ask('decide', { ...by, decide: 'retry' });
  return (await run.end()).handle;
});

recording('paused', { approvals: 1 }, async scene => {
  const run = await scene.start();
  const { outline } = await run.until('the question', p => p.state === 'waiting');
  await run.tell('pause', by);
  await run.ask('confirm', { by: 'ben', hash: outline?.hash.slice(0, 12) });
  await run.until('the pause', p => p.state === 'paused');
  await run.tell('resume', by);
  return (await run.end()).handle;
});

recording('worker-killed', { alone: true }, async scene => {
  let died: Promise<void> | undefined;
  scene.once('rename', 'api', () => {
    died = scene.restart();
  });
  const run = await scene.start();
  const { handle } = await run.end();
  await died;
  return handle;
});

recording('taken-over', { alone: true }, async scene => {
  const run = await scene.start();
  await new Promise<void>(resolve => {
    scene.once('rename', 'api', () => void scene.dies().then(resolve));
  });
  const { runId } = await run.handle.describe();
  await run.handle.terminate('the server was lost');
  await scene.serves();
  // What the dead worker did and could not write down is not this recording's to judge.
  return (await finished((await scene.start({ takeOver: runId as never })).handle)).handle;
});

it('engine-killed', async t => {
  const stand = await setStand(temporal.address);
  t.after(() => stand.end());
  const { run } = await startRollback(stand.at, requestOf(stand.platform));
  await awaitPoint(stand, run, { step: 'start-tiers', edge: 'began' });
  await stand.engine.kill();
  const handle = stand.at.client.workflow.getHandle<typeof rollback>(rollbackId(stand.platform), run);
  // It stays away until an attempt has met that, and said so.
  await poll({ what: 'an attempt to be told', deadlineMs: 60_000 }, async () => {
    const { raw } = await handle.describe();
    return raw.pendingActivities?.some(({ attempt }) => (attempt ?? 1) > 1);
  });
  await stand.engine.start();
  await keep('engine-killed', (await finished(handle)).handle);
});

after(() => process.stdout.write(`recorded into ${DIRECTORY}\n`));
