import assert from 'node:assert/strict';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { connect, type Reached, startRollback } from '../../src/client/runs.ts';
import type { DataChoice } from '../../src/plan/plan.ts';
import type { RollbackRequest } from '../../src/plan/rollback-request.ts';
import { rollbackId } from '../../src/workflows/messages.ts';
import type { rollback } from '../../src/workflows/rollback.ts';
import { differing, notAt, settingsOfAll } from '../../testbed/demo/proof.ts';
import { type Stage, setStage } from '../../testbed/demo/stage.ts';
import { judgeLosses } from '../../testbed/n3xus/check-losses.ts';
import { checkWrites } from '../../testbed/n3xus/check-writes.ts';
import { deploy } from '../../testbed/n3xus/deploy.ts';
import { readStores } from '../../testbed/n3xus/read-stores.ts';
import { startTraffic, type Traffic } from '../../testbed/n3xus/traffic.ts';
import { poll } from '../../testbed/process/poll.ts';
import { type Recorder, startRecorder } from '../../testbed/recorder/recorder.ts';
import { checkPromises } from '../checker/promises.ts';
import { finished } from '../workflows/run-of.ts';
import { awaitPoint, type KillPoint } from './kill-points.ts';
import type { Looks } from './looks.ts';
import { lookAtN3xus, n3xusEvidence } from './n3xus-evidence.ts';
import { historyOf, requestOf } from './runs.ts';
import { say } from './stand.ts';

const STORES = ['postgres-data', 'ledger-data', 'wallet-data'];
const CEILING = 100_000;
const quiet = (): void => undefined;

describe('the N3XUS platform of 26 services', () => {
  let stage: Stage;
  let worker: ChildProcess;
  let at: Reached;
  let recorder: Recorder;
  let good: Looks;
  let settings: ReadonlyMap<string, string>;
  before(async () => {
    stage = await setStage({ say: quiet, privateEngine: true, restore: [] });
    recorder = await startRecorder(stage.engine, join(stage.directory, 'events.jsonl'));
    await stage.lastgood.ask('setup');
    worker = await stage.lastgood.startWorker();
    at = await connect(stage.lastgood.env);
    await stage.lastgood.ask('release', 'record', 'n3xus', 'v1');
    await stage.lastgood.ask('release', 'good', 'n3xus', 'v1');
    good = await lookAtN3xus(stage.engine);
    settings = await settingsOfAll(stage.engine);
  });
  after(async () => {
    await at?.close();
    await recorder?.stop();
    await stage?.end();
  });

  it('is put back whole under traffic: every setting equal, no answer mixed, every acknowledged write there once', async () => {
    const traffic = startTraffic({ url: stage.platform.url, rate: 20 });
    try {
      await deploy(stage.engine, stage.platform, { to: 'v2', faults: 'no-fee,auth-errors', say: quiet });
      await enough(traffic);
      await rollBack(traffic, {});
      const writes = await checkWrites(stage.engine, await traffic.stop());
      assert.ok(writes.whole && writes.checked > 0, JSON.stringify(writes));
      say(`n3xus, data kept: ${writes.checked} acknowledged charges, each once in three stores`);
    } finally {
      await traffic.stop();
    }
  });

  it('gives the rows of its capture back, though its worker is killed at stop, restore and start', async () => {
    const traffic = startTraffic({ url: stage.platform.url, rate: 20 });
    try {
      await enough(traffic);
      let capturedAt = 0;
      await deploy(stage.engine, stage.platform, {
        to: 'v2',
        faults: 'corrupt-rows@ledger-mgr',
        say: quiet,
        whileShut: async () => {
          capturedAt = Date.now();
          await stage.lastgood.ask('release', 'record', 'n3xus', '--capture');
        },
      });
      await enough(traffic);
      const data = Object.fromEntries(STORES.map(store => [store, 'restore' as DataChoice]));
      const killAt: KillPoint[] = [
        { step: 'stop-tiers', edge: 'began' },
        { step: 'swap-in', edge: 'began' },
        { step: 'start-tiers', edge: 'began' },
      ];
      const report = await rollBack(traffic, { data, lossCeiling: CEILING } as Partial<RollbackRequest>, killAt);
      const record = await traffic.stop();
      const thawed = record.versionsOverTime().at(-1)?.from ?? Number.POSITIVE_INFINITY;
      const all = [...record.acknowledged];
      const kept = new Map(all.filter(([, charge]) => charge.at <= capturedAt || charge.askedAt >= thawed));
      const writes = await checkWrites(stage.engine, { acknowledged: kept });
      assert.ok(writes.whole && writes.checked > 0, JSON.stringify(writes));
      const between = { capturedAt, thawedAt: thawed };
      const stores = await readStores(stage.engine);
      const { given, doubtful, wrong } = judgeLosses(report.losses, stores, record, between);
      assert.deepEqual(wrong, []);
      assert.ok(given > 0 && report.losses.every(({ lost }) => lost <= CEILING));
      for (const by of [-1 - given, doubtful + 1]) {
        const miscounted = report.losses.map(loss => ({
          ...loss,
          rowsNow: loss.rowsThen + given + by,
          lost: given + by,
        }));
        assert.equal(judgeLosses(miscounted, stores, record, between).wrong.length, STORES.length);
      }
      say(
        `n3xus, data restored, worker killed ${killAt.length} times: ${writes.checked} acknowledged charges stand, ${given} given up (${doubtful} more in doubt), ${report.losses.map(({ lost }) => lost).join(' + ')} fixed at the freeze`,
      );
    } finally {
      await traffic.stop();
    }
  });

  /** One run to its end, judged by the checker and by the inspection of all containers. */
  async function rollBack(traffic: Traffic, more: Partial<RollbackRequest>, killAt: readonly KillPoint[] = []) {
    const now = await lookAtN3xus(stage.engine);
    const since = new Date();
    const { run } = await startRollback(at, requestOf('n3xus', more));
    const watched = { at, platform: 'n3xus', state: join(stage.directory, 'state') };
    for (const point of killAt) {
      await awaitPoint(watched, run, point);
      worker.kill('SIGKILL');
      await once(worker, 'exit');
      worker = await stage.lastgood.startWorker();
    }
    const { report } = await finished(at.client.workflow.getHandle<typeof rollback>(rollbackId('n3xus'), run));
    assert.equal(report.outcome, 'completed', report.headline);
    await enough(traffic);
    const history = await historyOf({ at, platform: 'n3xus' }, run);
    const seen = { report, history, good, now, since, traffic: traffic.record, recorder };
    const evidence = await n3xusEvidence(stage, seen);
    assert.deepEqual(checkPromises(evidence), []);
    assert.deepEqual(differing(settings, await settingsOfAll(stage.engine)), []);
    assert.deepEqual(await notAt(stage.engine, 'v1'), []);
    assert.deepEqual(traffic.record.mixedAnswers(), []);
    say(
      `n3xus: ${evidence.recorder?.length} engine events, ${evidence.answers?.length} answers, outage ${report.outageMs} ms`,
    );
    return report;
  }
});

/** Until users have seen enough of what runs now. */
async function enough({ record }: Traffic): Promise<void> {
  const from = record.acknowledged.size;
  await poll({ what: 'ten more charges', deadlineMs: 60_000 }, () => record.acknowledged.size >= from + 10);
}
