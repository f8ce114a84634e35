import assert from 'node:assert/strict';
import { mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { send, startRollback } from '../../src/client/runs.ts';
import type { RunProgress } from '../../src/run/progress.ts';
import type { RunReport } from '../../src/run/report.ts';
import { rollbackId } from '../../src/workflows/messages.ts';
import type { rollback } from '../../src/workflows/rollback.ts';
import { startPrivateEngine } from '../../testbed/docker/engine.ts';
import { poll } from '../../testbed/process/poll.ts';
import { runWell } from '../../testbed/process/run.ts';
import { deploySmall } from '../../testbed/small/platform.ts';
import { requestsOf, VOLUME } from '../../testbed/small/requests.ts';
import { findTemporal } from '../../testbed/temporal/binary.ts';
import { startTemporal } from '../../testbed/temporal/server.ts';
import { checkPromises } from '../checker/promises.ts';
import { type Ended, lastgood } from '../client/command-line.ts';
import { useTemporal } from '../support/temporal.ts';
import { finished } from '../workflows/run-of.ts';
import { evidenceOf } from './evidence.ts';
import { well } from './ground.ts';
import { digestOf, everything, lookAtSmall } from './looks.ts';
import { historyOf, requestOf } from './runs.ts';
import { type Stand, say, setStand } from './stand.ts';
import { createWorkerProcess } from './worker-process.ts';

const { address } = await useTemporal();

describe('what cannot succeed is refused before anything is touched', () => {
  let stand: Stand;
  let refused = 0;
  before(async () => {
    stand = await setStand(address, plan => plan.setIn(['budgets', 'admit'], { target: '1s', max: '5s' }));
  });
  after(async () => {
    say(`${refused} refusals, the platform the same before and after each`);
    await stand.end();
  });

  /** The platform as it stands: every container with its id, times, policy and normalised settings, and the files. */
  const whole = async (): Promise<readonly string[]> => [
    ...(await everything(stand.engine.client)),
    digestOf(join(stand.small.directory, 'conf')),
  ];
  const start = (...more: string[]): Promise<Ended> =>
    stand.cli('run', stand.platform, '--severity', 'P0', `--consent=${stand.platform}`, '-o', 'json', ...more);

  /** Asks on the command line, and compares the platform. */
  async function refuses(code: number, says: RegExp, asking: () => Promise<Ended> = start): Promise<void> {
    const found = await whole();
    const ended = await asking();
    assert.equal(ended.code, code, `${ended.stdout}\n${ended.stderr}`);
    assert.match(ended.stdout + ended.stderr, says);
    assert.match(ended.stdout, /"next"/, 'it says what to do next');
    assert.deepEqual(await whole(), found);
    refused += 1;
  }

  it('a plan that names a container that is not there', async t => {
    t.after(() => stand.plan());
    stand.plan(plan => plan.setIn(['targets', 'cache', 'docker'], 'cachee'));
    await refuses(5, /cachee/);
  });

  it('a queue that no worker polls', async () => {
    const env = { ...stand.env, LASTGOOD_TASK_QUEUE: 'nobody-is-here' };
    const ask = () =>
      lastgood(['run', stand.platform, '--severity', 'P0', `--consent=${stand.platform}`, '-o', 'json'], { env });
    await refuses(4, /lastgood worker/, ask);
  });

  it('a second run while one is open', async () => {
    const { run } = await awaiting(stand);
    await refuses(5, /is open already/);
    await send(stand.at, stand.platform, 'deny', { by: 'manager', reason: 'a test' });
    assert.equal((await reportOf(stand, run)).outcome, 'refused');
  });

  for (const [what, move, undone] of moves())
    it(`a live state that moved since the approval: ${what}`, async t => {
      t.after(async () => {
        await undone?.(stand);
        await stand.deploy();
      });
      const now = await lookAtSmall(stand.engine.client, stand.small);
      const since = new Date();
      const { run, hash } = await awaiting(stand);
      await move(stand);
      const moved = await withoutStaged(await whole(), run);
      await send(stand.at, stand.platform, 'confirm', { by: 'manager', hash });
      const report = await reportOf(stand, run);
      assert.equal(report.outcome, 'refused', report.headline);
      assert.match(report.headline, /no longer the approved one/);
      assert.deepEqual(await whole(), moved);
      refused += 1;
      // What a stranger's hand changed is compared above; the promises are judged by what the run did.
      const evidence = await evidenceOf(stand, { report, history: await historyOf(stand, run), now, since });
      const { targets: _, recorder: _r, ...ours } = evidence;
      assert.deepEqual(checkPromises(ours, ['I1', 'I5', 'I6.hash', 'I7']), []);
    });

  it('a platform that another server’s run has claimed on this engine', async t => {
    const directory = mkdtempSync(join(tmpdir(), 'lg-second-'));
    t.after(() => rmSync(directory, { recursive: true, force: true }));
    const { path: binary } = await findTemporal({ say });
    const second = await startTemporal({ binary, directory: join(directory, 'temporal'), say });
    t.after(() => second.stop());
    const state = join(directory, 'state');
    const env = { ...stand.env, TEMPORAL_ADDRESS: second.address, LASTGOOD_STATE: state };
    const other = createWorkerProcess(env, state);
    t.after(() => other.stop());
    const call = (...args: string[]) => lastgood(args, { env });

    await stand.worker.stop();
    await deploySmall(stand.engine.client, stand.small, { to: 'v1' });
    await well(call('setup'));
    await other.start();
    await well(call('release', 'record', stand.platform, 'v1'));
    await well(call('release', 'good', stand.platform, 'v1'));
    await other.stop();
    await stand.deploy();
    await stand.worker.start();
    const { run } = await awaiting(stand);
    await stand.worker.kill();
    await other.start();
    const ask = () => call('run', stand.platform, '--severity', 'P0', `--consent=${stand.platform}`, '-o', 'json');
    await refuses(5, new RegExp(`run ${run} holds .*take-over`, 's'), ask);
    await other.stop();
    await stand.worker.start();
    // A signal waits for the worker, however long the server takes to see that the one before is gone.
    await stand.at.client.workflow
      .getHandle(rollbackId(stand.platform), run)
      .signal('deny', { by: 'manager', reason: 'a test' });
    assert.equal((await reportOf(stand, run)).outcome, 'refused');
  });

  it('another engine than the one that was approved', async t => {
    const directory = mkdtempSync(join(tmpdir(), 'lg-other-engine-'));
    const other = await startPrivateEngine({ directory, say: () => undefined });
    const link = join(stand.directory, 'engine.sock');
    const point = (socket: string): void => {
      symlinkSync(socket, `${link}.new`);
      renameSync(`${link}.new`, link);
    };
    point(stand.engine.socketPath);
    t.after(async () => {
      stand.plan();
      await other.stop();
      rmSync(directory, { recursive: true, force: true });
    });
    stand.plan(plan => plan.setIn(['hosts', 'main', 'docker'], `unix://${link}`));
    const { run, hash } = await awaiting(stand);
    const found = await withoutStaged(await whole(), run);
    point(other.socketPath);
    await send(stand.at, stand.platform, 'confirm', { by: 'manager', hash });
    const report = await reportOf(stand, run);
    assert.equal(report.outcome, 'refused', report.headline);
    const touched = (await everything(stand.engine.client)).filter(line => !/\.lg-|lastgood-claim/.test(line));
    assert.deepEqual([...touched, digestOf(join(stand.small.directory, 'conf'))], found);
    assert.deepEqual(await everything(other.client), []);
    refused += 1;
    say(`another engine: ${report.headline}; left behind: ${report.leftBehind.join('; ')}`);
    await removeClaim(stand);
    await stand.deploy();
  });

  it('a snapshot store whose disk is full', async t => {
    const disk = join(stand.directory, 'small-disk');
    await runWell('mkdir', ['-p', disk], { deadlineMs: 5_000 });
    await runWell('mount', ['-t', 'tmpfs', '-o', 'size=256k', 'tmpfs', disk], { deadlineMs: 5_000 });
    const { Mountpoint } = await stand.engine.client.getVolume(VOLUME).inspect();
    writeFileSync(join(Mountpoint, 'big'), crypto.getRandomValues(new Uint8Array(65_536)));
    for (let part = 0; part < 16; part += 1)
      writeFileSync(join(Mountpoint, `big-${part}`), crypto.getRandomValues(new Uint8Array(65_536)));
    t.after(async () => {
      stand.plan();
      await runWell('umount', [disk], { deadlineMs: 5_000 });
      await stand.deploy();
    });
    stand.plan(plan => plan.setIn(['snapshots', 'store'], disk));
    await refuses(5, /(snapshot store|free)/);
  });

  it('a release whose image is gone from the engine, and was never in a registry', async t => {
    const client = stand.engine.client;
    const saved = join(stand.directory, 'v1.tar');
    await runWell('docker', ['-H', stand.engine.socket, 'save', '-o', saved, stand.small.images.v1], {
      deadlineMs: 30_000,
    });
    const { Id } = await client.getImage(stand.small.images.v1).inspect();
    await client.getImage(Id).remove({ force: true });
    t.after(() => runWell('docker', ['-H', stand.engine.socket, 'load', '-i', saved], { deadlineMs: 30_000 }));
    await refuses(5, /never in a registry/);
  });

  it('a release that runs already', async t => {
    t.after(() => stand.deploy());
    await deploySmall(stand.engine.client, stand.small, { to: 'v1' });
    await refuses(5, /nothing to do/);
  });

  it('an engine that is down', async () => {
    const before = await lookAtSmall(stand.engine.client, stand.small);
    await stand.engine.kill();
    const ended = await start();
    say(
      `an engine that is down: exit ${ended.code} after ${JSON.parse(ended.stdout).totalMs} ms: ${JSON.parse(ended.stdout).headline}`,
    );
    assert.ok([4, 5].includes(ended.code), `${ended.code} ${ended.stdout}${ended.stderr}`);
    assert.match(ended.stdout, /docker\.sock/);
    await stand.engine.start();
    // An engine that comes back starts what has the policy `always` anew: settings, images and activity are compared.
    await poll({ what: 'the platform to be up again', deadlineMs: 30_000 }, async () => {
      const now = await lookAtSmall(stand.engine.client, stand.small);
      return [...now].every(([target, look]) => look.activity === before.get(target)?.activity);
    });
    assert.deepEqual(await lookAtSmall(stand.engine.client, stand.small), before);
    refused += 1;
  });
});

type Move = readonly [
  what: string,
  move: (stand: Stand) => Promise<unknown>,
  undone?: (stand: Stand) => Promise<unknown>,
];

function moves(): readonly Move[] {
  return [
    [
      'a container was made again, as it was',
      async ({ engine, small }) => {
        await engine.client.getContainer('cache').remove({ force: true });
        const request = requestsOf({ ...small, release: 'v2' }).find(({ name }) => name === 'cache');
        await (await engine.client.createContainer(request ?? {})).start();
      },
    ],
    [
      'a file was changed',
      async ({ small }) => writeFileSync(join(small.directory, 'conf', 'limits'), 'connections 30\n'),
    ],
    [
      'a restart policy was changed',
      ({ engine }) => engine.client.getContainer('cache').update({ RestartPolicy: { Name: 'no' } }),
    ],
  ];
}

/** Starts a run that asks for an approval, and returns when it has staged and waits. */
async function awaiting({ at, platform }: Stand): Promise<{ run: string; hash: string }> {
  const { run } = await startRollback(at, requestOf(platform, { severity: 'P1' }));
  const handle = at.client.workflow.getHandle(rollbackId(platform), run);
  return poll({ what: 'the run to ask for its approval', deadlineMs: 60_000, everyMs: 50 }, async () => {
    const { step, awaiting: asked, outline } = await handle.query<RunProgress>('progress');
    return step === 'approve' && asked !== undefined && outline !== undefined ? { run, hash: outline.hash } : undefined;
  });
}

const reportOf = async ({ at, platform }: Stand, run: string): Promise<RunReport> =>
  (await finished(at.client.workflow.getHandle<typeof rollback>(rollbackId(platform), run))).report;

/** What a run has staged beside the live platform is gone when it is refused, and its claim too. */
const withoutStaged = (lines: readonly string[], _run: string): readonly string[] =>
  lines.filter(line => !/\.lg-|lastgood-claim/.test(line));

async function removeClaim({ engine, platform }: Stand): Promise<void> {
  await engine.client
    .getContainer(`lastgood-claim-${platform}`)
    .remove({ force: true })
    .catch(() => undefined);
}
