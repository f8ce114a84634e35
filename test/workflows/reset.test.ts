import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { rollback } from '../../src/workflows/rollback.ts';
import { given, type Scene, type Underway } from './given.ts';
import { finished } from './run-of.ts';
import { useStage } from './shared-worker.ts';
import { within } from './waiting.ts';

const temporal = await useStage();

/** Temporal ends the run, and another goes on from its last task with its history in its head. @returns the id of the first */
async function reset({ handle }: Underway): Promise<string> {
  const { runId } = await temporal.client.workflow.getHandle(handle.workflowId).describe();
  const { events } = await handle.fetchHistory();
  const at = events?.findLast(event => event.workflowTaskCompletedEventAttributes)?.eventId;
  await temporal.client.workflowService.resetWorkflowExecution({
    namespace: 'default',
    workflowExecution: { workflowId: handle.workflowId, runId },
    reason: 'test',
    workflowTaskFinishEventId: at!,
    requestId: crypto.randomUUID(),
  });
  return runId;
}

const actsSince = ({ world }: Scene, happened: number): string[] =>
  world.happenings
    .slice(happened)
    .filter(({ call }) => ['stop', 'start', 'rename', 'restore', 'drop', 'unclaim'].includes(call))
    .map(({ call, target }) => `${call} ${target}`);

/** Of whichever run is the newest: the first one's handle would see its own end. */
const endOf = ({ handle }: Underway) =>
  within(finished(temporal.client.workflow.getHandle<typeof rollback>(handle.workflowId)));

const sayHandover = (run: Underway) => run.ask('decide', { decide: 'handover', by: 'ada', reason: 'it was reset' });

describe('a run that Temporal reset', { concurrency: 4 }, () => {
  it("acts no more: its claim is another run's", async t => {
    const scene = await given(t, temporal, { approvals: 1 });
    const run = await scene.start();
    const { outline } = await run.until('the question', p => p.state === 'waiting');
    await reset(run);
    await run.tell('confirm', { by: 'ada', hash: outline!.hash });
    const { outcome, headline } = await run.until('the end', p => p.outcome !== undefined);
    assert.equal(outcome, 'refused', headline);
    assert.match(headline, /was never admitted here, and the platform is held by run/);
    assert.deepEqual(
      actsSince(scene, 0).filter(act => /^(stop|rename)/.test(act)),
      [],
    );
  });

  it('while it was held names the run that holds the platform, though it was never asked to do anything', async t => {
    const scene = await given(t, temporal);
    scene.behaves('v1', { starts: false });
    const run = await scene.start();
    await run.until('the hold', p => p.state === 'held' && p.awaiting !== undefined);
    const first = await reset(run);
    const happened = scene.world.happenings.length;
    await sayHandover(run);
    const { report } = await endOf(run);
    assert.equal(report.outcome, 'held', report.headline);
    assert.notEqual(report.run, first);
    assert.equal(report.next[1], `lastgood run ${scene.platform.name} --take-over ${first}`);
    assert.deepEqual(actsSince(scene, happened), []);
  });

  it('while it dropped what was staged has nothing left to take back, and names the run that holds the platform', async t => {
    const scene = await given(t, temporal, { plan: 'on-failure: { after-restore: revert }' });
    scene.behaves('v1', { starts: false });
    let first = '';
    scene.at('remove', '*', async () => {
      first = await reset(run);
    });
    const run = await scene.start();
    const { outcome, leftBehind, traffic } = await run.until('the end', p => p.outcome !== undefined);
    assert.deepEqual([outcome, traffic], ['reverted', 'open']);
    assert.match(leftBehind.join(), new RegExp(`never admitted here, and the platform is held by run ${first}`));
    const { report } = await endOf(run);
    assert.equal(report.next[0], `lastgood run ${scene.platform.name} --take-over ${first}`);
  });
});
