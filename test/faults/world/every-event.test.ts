import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { WorkflowHandle } from '@temporalio/client';
import { given } from '../../workflows/given.ts';
import { useStage } from '../../workflows/shared-worker.ts';
import { planOf } from './plan-of.ts';
import { HEARTBEAT_MS } from './play.ts';
import { inPool } from './pool.ts';
import { say } from './say.ts';
import { quiet, WORLDS } from './script.ts';

/** Each has a worker of its own, twice; most of its time is the server's wait for a heartbeat that does not come. */
const LANES = 8;
const temporal = await useStage();
const SCRIPT = { ...quiet('one-tier'), phase: 60_000 };
const OPTIONS = {
  alone: true,
  shape: WORLDS['one-tier'].shape,
  plan: planOf(SCRIPT),
  heartbeat: HEARTBEAT_MS,
} as const;

/** Resolves when the server's history of the run has that many events; false when it ends before. */
async function reaches(handle: WorkflowHandle, run: string, count: number): Promise<boolean> {
  let seen = 0;
  let token: Uint8Array | undefined;
  for (;;) {
    const page = await temporal.client.workflowService
      .getWorkflowExecutionHistory({
        namespace: 'default',
        execution: { workflowId: handle.workflowId, runId: run },
        waitNewEvent: true,
        ...(token === undefined ? {} : { nextPageToken: token }),
      })
      .catch((error: { code?: number }) => {
        // INVALID_ARGUMENT: a page of a state that the server has left is asked for anew, from the first.
        if (error.code !== 3) throw error;
        seen = 0;
        return undefined;
      });
    seen += page?.history?.events?.length ?? 0;
    if (seen >= count) return true;
    token = page?.nextPageToken ?? undefined;
    if (page !== undefined && (token === undefined || token.length === 0)) return false;
  }
}

/** Lengths at which a history can be found: the server writes most events together with others, and gives them as it wrote them. */
async function standsAt(handle: WorkflowHandle): Promise<readonly number[]> {
  const lengths: number[] = [];
  let token: Uint8Array | undefined;
  do {
    const page = await temporal.client.workflowService.getWorkflowExecutionHistory({
      namespace: 'default',
      execution: { workflowId: handle.workflowId },
      maximumPageSize: 1,
      ...(token === undefined ? {} : { nextPageToken: token }),
    });
    lengths.push((lengths.at(-1) ?? 0) + (page.history?.events?.length ?? 0));
    token = page.nextPageToken?.length ? page.nextPageToken : undefined;
  } while (token !== undefined);
  return lengths;
}

describe('a worker that dies after any event of its history', () => {
  it('is followed by another that brings the run to its end, nothing done twice', async t => {
    const calm = await given(t, temporal, OPTIONS);
    const { handle } = await calm.run();
    const stands = await standsAt(handle);
    const length = stands.at(-1) ?? 0;
    const failures: string[] = [];
    const outcomes: Record<string, number> = {};
    let killed = 0;
    const lengths = new Set<number>();
    await inPool(
      LANES,
      Array.from({ length }, (_, index) => index + 1),
      async count => {
        const endings: (() => unknown)[] = [];
        try {
          const scene = await given({ after: end => void endings.push(end as () => unknown) }, temporal, {
            ...OPTIONS,
            atEnd: end => void endings.push(end),
          });
          const run = await scene.start();
          const dying = reaches(run.handle, run.handle.firstExecutionRunId, count).then(async reached => {
            if (!reached) return;
            killed += 1;
            const { historyLength } = await run.handle.describe();
            lengths.add(historyLength);
            // The next one begins at once: what the dead one had under way is nobody's until it is missed.
            const dead = scene.dies();
            await scene.serves();
            await dead;
          });
          const [{ report }] = await Promise.all([run.end(), dying]);
          outcomes[report.outcome] = (outcomes[report.outcome] ?? 0) + 1;
          assert.equal(report.outcome, 'completed', report.headline);
        } catch (error) {
          failures.push(`after ${count} events: ${(error as Error).message}`);
          say(failures.at(-1)!.slice(0, 600));
        } finally {
          for (const end of endings.reverse()) await end();
        }
      },
    );
    say(
      `a worker's death, imitated in one process, after each of ${length} history events, which a calm run has written in ${stands.length} goes: ${killed} deaths at ${lengths.size} lengths, ${JSON.stringify(outcomes)}`,
    );
    assert.deepEqual(failures, []);
    // Tasks that fall together on a busy machine make a run shorter by three events each.
    assert.ok(killed >= length - 12, `killed ${killed} times of ${length}`);
    // What the server writes at once no death can part. A death may be a moment late, and fall together with the next.
    assert.ok(lengths.size > stands.length * 0.6, `only ${lengths.size} lengths, of ${stands.length} there are`);
  });
});
