import assert from 'node:assert/strict';
import { readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { send } from '../../src/client/runs.ts';
import type { RunProgress } from '../../src/run/progress.ts';
import type { aftercare } from '../../src/workflows/aftercare.ts';
import { aftercareId, rollbackId } from '../../src/workflows/messages.ts';
import { startContainer } from '../../testbed/n3xus/start-stop.ts';
import { poll } from '../../testbed/process/poll.ts';
import { awaitAnswer, deploySmall } from '../../testbed/small/platform.ts';
import type { RunEvidence } from '../checker/evidence.ts';
import { checkPromises } from '../checker/promises.ts';
import { evidenceOf, roomsOf } from '../platforms/evidence.ts';
import { well } from '../platforms/ground.ts';
import { type Ran, runSmall } from '../platforms/runs.ts';
import { type Stand, say, setStand } from '../platforms/stand.ts';
import { useTemporal } from '../support/temporal.ts';

const { address } = await useTemporal();

const broken = (evidence: RunEvidence, part: string): readonly string[] =>
  checkPromises(evidence, []).flatMap(breach => (breach.part === part ? [breach.what] : []));

describe('what a completed run may destroy, on real containers', () => {
  let stand: Stand;
  let restored: Ran;
  before(async () => {
    stand = await setStand(address);
  });
  after(() => stand.end());

  it('runs the hash that a person confirmed, and is caught when nobody did', async () => {
    await deploySmall(stand.engine.client, stand.small, { to: 'v1' });
    const written = await fetch(`${stand.small.url}/cgi-bin/ask?write=before-the-capture`);
    assert.ok(written.ok);
    await captureBehindShutGate(stand);
    await stand.deploy();
    stand.plan(plan => plan.setIn(['targets', 'data', 'data'], 'restore'));
    restored = await runSmall(stand, {
      request: { severity: 'P1', lossCeiling: 100_000 },
      meanwhile: run => confirmed(stand, run),
    });
    const { report, evidence, seen } = restored;
    assert.equal(report.outcome, 'completed', report.headline);
    assert.deepEqual(checkPromises(evidence), []);
    assert.deepEqual(broken({ ...evidence, approved: [] }, 'I6.hash').length, 1);
    const unheard = seen.history.replaceAll('"name":"confirm"', '"name":"deny"');
    assert.notEqual(unheard, seen.history);
    assert.equal(broken(await evidenceOf(stand, { ...seen, history: unheard }), 'I6.hash').length, 1);
  });

  it('destroys what it replaced only once that is captured, and is caught when a capture is not there', async () => {
    const rooms = await roomsOf(stand);
    assert.deepEqual(rooms.map(({ target }) => target).sort(), ['conf', 'data']);
    const watch = await settleNow(stand, restored);
    const seen = { ...restored.seen, rooms, others: [watch] };
    const evidence = await evidenceOf(stand, seen);
    assert.deepEqual(checkPromises(evidence), []);
    const gone = evidence.recorder?.filter(({ destroys }) => destroys) ?? [];
    assert.deepEqual(gone.map(({ target }) => target).sort(), [
      'cache',
      'conf',
      'data',
      'front',
      'gate',
      'store',
      'work',
    ]);

    // What the run recorded of what it found is the ledger's last entry; its export, the newest snapshot.
    const spoiled = async (file: string, spoil: () => void, restore: () => void, targets: readonly string[]) => {
      spoil();
      const breaches = broken(await evidenceOf(stand, seen), 'I3.captured-first');
      restore();
      assert.deepEqual(breaches.map(what => what.split(':')[0]).sort(), targets, `without ${file}`);
    };
    const entry = newest(join(stand.state, 'releases', stand.platform), '.entry');
    const whole = readFileSync(entry, 'utf8');
    const headerOnly = `${whole.split('\n').slice(0, 2).join('\n')}\n`;
    await spoiled(
      'the bodies that the ledger recorded',
      () => writeFileSync(entry, headerOnly),
      () => writeFileSync(entry, whole),
      ['cache', 'conf', 'front', 'gate', 'store', 'work'],
    );
    const snapshot = newest(join(stand.snapshots, stand.platform));
    const aside = join(stand.directory, 'aside');
    await spoiled(
      'the export',
      () => renameSync(snapshot, aside),
      () => renameSync(aside, snapshot),
      ['data'],
    );

    const since = new Date();
    await stand.engine.client.getContainer('cache').remove({ force: true });
    const byHand = await evidenceOf(stand, { ...restored.seen, since });
    assert.equal(broken(byHand, 'I3.captured-first').length, 1);
    say(`settled: ${gone.length} objects destroyed, each after its capture was read back from the disk`);
  });
});

const newest = (directory: string, end = ''): string =>
  join(
    directory,
    readdirSync(directory)
      .filter(name => name.endsWith(end))
      .sort()
      .at(-1)!,
  );

async function confirmed({ at, platform }: Stand, run: string): Promise<void> {
  const handle = at.client.workflow.getHandle(rollbackId(platform), run);
  const hash = await poll({ what: 'the run to ask', deadlineMs: 60_000, everyMs: 50 }, async () => {
    const { state, outline } = await handle.query<RunProgress>('progress');
    return state === 'waiting' ? outline?.hash : undefined;
  });
  await send(at, platform, 'confirm', { by: 'manager', hash: hash.slice(0, 12) });
}

/** As a deploy does it, before the next release comes. */
async function captureBehindShutGate(stand: Stand): Promise<void> {
  await stand.engine.client.getContainer('gate').stop();
  await well(stand.cli('release', 'record', stand.platform, '--capture'));
  await startContainer(stand.engine.client, 'gate');
  await awaitAnswer(stand.small, 'v1');
}

/** Ends the watch over a run, and lets one of no length come to its end. @returns its run id */
async function settleNow({ at, platform }: Stand, { report }: Ran): Promise<string> {
  const { workflow } = at.client;
  const id = aftercareId(platform);
  await workflow.getHandle(id).signal('handOver');
  await workflow.getHandle(id).result();
  const watch = await workflow.start<typeof aftercare>('aftercare', {
    workflowId: id,
    taskQueue: platform,
    args: [
      { platform, host: 'main', run: report.run, hash: report.runHash, forMs: 0, everyMs: 1_000 } as Parameters<
        typeof aftercare
      >[0],
    ],
  });
  const { state } = await watch.result();
  assert.equal(state, 'settled');
  return watch.firstExecutionRunId;
}
