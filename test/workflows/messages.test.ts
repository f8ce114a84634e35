import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { MESSAGES, type MessageName, UPDATES } from '../../src/workflows/messages.ts';
import { given, type Underway } from './given.ts';
import { useStage } from './shared-worker.ts';
import { polled } from './waiting.ts';

const temporal = await useStage();

const NAMES = Object.keys(MESSAGES) as MessageName[];
/** Whoever names himself is heard: that is no nonsense. */
const nonsense = fc.jsonValue().filter(value => {
  const by = (value as { by?: unknown } | null)?.by;
  return typeof by !== 'string' || by.trim() === '';
});

/** Patient with two slow cores: nobody's silence refuses the run meanwhile. */
const ASKS = 'policy: { P0: { approvals: 1, by: [anyone], within: 10m, silence: refuse } }';

/** WORKFLOW_TASK_FAILED_CAUSE_FORCE_CLOSE_COMMAND: more messages wait than the server keeps for one task (a hundred). No failure of ours. */
const TOO_MANY_WAIT = 17;

/** Why tasks failed. */
async function tasksFailed(run: Underway): Promise<string[]> {
  const { events } = await run.handle.fetchHistory();
  return (events ?? []).flatMap(({ workflowTaskFailedEventAttributes: failed }) => {
    if (!failed || failed.cause === TOO_MANY_WAIT) return [];
    return [`cause ${failed.cause}: ${failed.failure?.message}`];
  });
}

describe('a message that makes no sense', { concurrency: 4 }, () => {
  it('is recorded as ignored, whatever JSON it is, and the run goes on', async t => {
    const scene = await given(t, temporal, { plan: ASKS });
    const run = await scene.start();
    const { outline } = await run.until('the question', p => p.state === 'waiting');
    const message = fc.record({ name: fc.constantFrom(...NAMES), said: nonsense });
    const sent = fc.sample(message, 120);
    await Promise.all(sent.map(({ name, said }) => run.tell(name, said)));
    const seen = await run.until('all of them', p => p.heard.length >= Math.min(50, sent.length));
    assert.equal(seen.state, 'waiting');
    assert.equal(
      seen.heard.some(heard => heard.counted),
      false,
    );
    assert.ok(seen.heard.every(heard => heard.kind === 'unreadable' && heard.why !== ''));
    for (const { name, said } of sent.filter(({ name }) => UPDATES.includes(name)).slice(0, 10))
      await assert.rejects(run.ask(name, said), 'an update that cannot be read is refused to its sender');
    await run.ask('confirm', { by: 'ada', hash: outline!.hash });
    assert.equal((await run.end()).report.outcome, 'completed');
    assert.deepEqual(await tasksFailed(run), []);
  });

  for (const [title, payload] of [
    ['is not JSON at all', { metadata: { encoding: Buffer.from('json/plain') }, data: Buffer.from('{"by":') }],
    [
      'has an encoding that nobody knows',
      { metadata: { encoding: Buffer.from('other/kind') }, data: Buffer.from('x') },
    ],
    ['is bytes', { metadata: { encoding: Buffer.from('binary/plain') }, data: Buffer.from([0, 255, 1]) }],
    ['is absent', undefined],
  ] as const) {
    it(`does not stop the run when it ${title}`, async t => {
      const scene = await given(t, temporal, { plan: ASKS });
      const run = await scene.start();
      const { outline } = await run.until('the question', p => p.state === 'waiting');
      await temporal.client.workflowService.signalWorkflowExecution({
        namespace: 'default',
        workflowExecution: { workflowId: run.handle.workflowId },
        signalName: 'abort',
        ...(payload === undefined ? {} : { input: { payloads: [payload] } }),
      });
      await run.tell('confirm', { by: 'ada', hash: outline!.hash });
      assert.equal((await run.end()).report.outcome, 'completed');
    });
  }

  it('is kept two hundred times: a sender that does not stop neither fills the run nor drowns an answer', async t => {
    const scene = await given(t, temporal, { plan: ASKS });
    const run = await scene.start();
    const { outline } = await run.until('the question', p => p.state === 'waiting');
    const alert = { by: 'monitor', reason: 'x'.repeat(500) };
    for (let sent = 0; sent < 300; sent += 50)
      await Promise.all(Array.from({ length: 50 }, () => run.tell('alert', alert)));
    const told = async () => (await run.ask('confirm', { by: 'bob', hash: '00000000' })).why;
    await polled('the last of them to be heard', told, why => why.endsWith('; 200 messages are kept already'));
    const { events } = await run.progress();
    assert.ok(events < 300, `${events} events`);
    await run.ask('confirm', { by: 'ada', hash: outline!.hash });
    const { report } = await run.end();
    assert.equal(report.outcome, 'completed');
    assert.equal(report.heard.at(-1)?.kind, 'confirm', 'what counts is kept');
  });

  it('may come when the run is over its last step', async t => {
    const scene = await given(t, temporal);
    const run = await scene.start();
    scene.at('unclaim', '*', () => run.ask('abort', { by: 'ada', reason: 'too late' }));
    const { report } = await run.end();
    assert.equal(report.outcome, 'completed');
  });

  it('of a name that no run knows is kept by the server, and changes nothing', async t => {
    const scene = await given(t, temporal, { plan: ASKS });
    const run = await scene.start();
    const { outline } = await run.until('the question', p => p.state === 'waiting');
    await run.handle.signal('explode', { by: 'ada' });
    await run.ask('confirm', { by: 'ada', hash: outline!.hash });
    assert.equal((await run.end()).report.outcome, 'completed');
    await polled(
      'no task failed',
      () => tasksFailed(run),
      failed => failed.length === 0,
    );
  });
});
