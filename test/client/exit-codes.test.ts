import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { well } from '../../src/drivers/scripted/world.ts';
import { rollbackId } from '../../src/workflows/messages.ts';
import { poll } from '../../testbed/process/poll.ts';
import { useTemporal } from '../support/temporal.ts';
import {
  createScriptedPlatform,
  queueOf,
  type ScriptedOptions,
  type ScriptedPlatform,
} from '../workflows/scripted-platform.ts';
import { serve } from '../workflows/serve.ts';
import { type CallOptions, type Ended, lastgood } from './command-line.ts';

/** A probe of the release that fails is given up within seconds. */
const IMPATIENT = 'budgets: { start: { target: 1s, max: 2s }, verify: { target: 1s, max: 2s } }';

const temporal = await useTemporal();

interface Stand {
  readonly platform: ScriptedPlatform;
  call(args: readonly string[], options?: CallOptions): Promise<Ended>;
}

/** A platform that is served for as long as `use` runs. */
async function withPlatform(options: ScriptedOptions, use: (stand: Stand) => Promise<void>): Promise<void> {
  const platform = await createScriptedPlatform(options);
  const env = {
    TEMPORAL_ADDRESS: temporal.address,
    LASTGOOD_TASK_QUEUE: queueOf(platform),
    LASTGOOD_STATE: platform.directory,
  };
  const stop = await serve(temporal, platform);
  try {
    await use({ platform, call: (args, more = {}) => lastgood(args, { ...more, env: { ...env, ...more.env } }) });
  } finally {
    await stop();
  }
}

const asked = ({ platform }: Stand, ...more: string[]): string[] => [
  'run',
  platform.name,
  '--severity',
  'P0',
  `--consent=${platform.name}`,
  ...more,
];
const document = (
  ended: Ended,
): Record<string, unknown> & { error: { kind: string; message: string; next: string[]; exitCode: number } } => {
  const parsed = JSON.parse(ended.stdout);
  assert.equal(parsed.schemaVersion, 1);
  return parsed;
};
const untilState = (stand: Stand, state: string): Promise<unknown> =>
  poll({ what: `the run to be ${state}`, deadlineMs: 30_000, everyMs: 100 }, async () => {
    const { code, stdout } = await stand.call(['status', stand.platform.name, '-o', 'json']);
    return code === 0 && JSON.parse(stdout).progress?.state === state;
  });

describe('the exit code', () => {
  it('is 0 when the run completed, 3 where a plan has changes, 5 where nothing is to be done', () =>
    withPlatform({}, async stand => {
      const { name } = stand.platform;
      const plan = await stand.call(['plan', name, '--detailed-exitcode', '-o', 'json']);
      assert.equal(plan.code, 3, plan.stdout);
      const hash = String(document(plan)['runHash']);
      assert.deepEqual(document(plan)['next'], `lastgood run ${name} --expect ${hash.slice(0, 12)}`);

      const moved = await stand.call(asked(stand, '--expect', '0123456789ab'));
      assert.equal(moved.code, 5);
      assert.match(moved.stderr, /nothing was started/);

      // The hash is of the plan's own severity rule too, so it is asked for with the one that it was computed for.
      const run = await stand.call(['run', name, `--consent=${name}`, '--severity', 'P0', '-o', 'json']);
      assert.equal(run.code, 0, run.stdout + run.stderr);
      assert.equal(document(run)['outcome'], 'completed');
      assert.equal((await stand.call(['watch', name])).code, 0);
      assert.match((await stand.call(['report', name])).stdout, /^# Rollback of .*: completed\n/);

      const again = await stand.call([...asked(stand, '--release', 'v1'), '-o', 'json']);
      assert.equal(again.code, 5, again.stdout);
      assert.equal(document(again)['outcome'], 'refused');
      const surveyed = await stand.call(['plan', name, '--release', 'v1', '-o', 'json']);
      assert.equal(surveyed.code, 5);
      assert.equal(document(surveyed).error.kind, 'refused');
    }));

  it('is 1 for what nobody expected: an id that was taken by another workflow', () =>
    withPlatform({}, async stand => {
      const { name } = stand.platform;
      const handle = await temporal.client.workflow.start('survey', {
        workflowId: rollbackId(name),
        taskQueue: queueOf(stand.platform),
        args: [{ what: 'releases', platform: name }],
      });
      await handle.result();
      const ended = await stand.call(['report', name, '-o', 'text']);
      assert.equal(ended.code, 1, ended.stdout);
      assert.match(ended.stderr, /^error: .*\n {2}changed: not known\n/);
    }));

  it('is 4 without a server and without a worker, naming what to start', async () => {
    const platform = await createScriptedPlatform();
    const none = await lastgood(['status', '-o', 'json'], { env: { TEMPORAL_ADDRESS: '127.0.0.1:1' } });
    assert.equal(none.code, 4);
    assert.match(document(none).error.message, /127\.0\.0\.1:1 cannot be reached.*from TEMPORAL_ADDRESS/);
    assert.match(
      document(none).error.next.join(),
      /docker compose -f docker-compose\.temporal\.yml --profile small up/,
    );

    const env = { TEMPORAL_ADDRESS: temporal.address, LASTGOOD_TASK_QUEUE: queueOf(platform) };
    const asking = [
      ['plan', platform.name],
      ['run', platform.name, '--consent', platform.name],
      ['release', 'record', platform.name],
    ].map(args => lastgood([...args, '-o', 'json'], { env }));
    for (const ended of await Promise.all(asking)) {
      assert.equal(ended.code, 4);
      assert.equal(document(ended).error.kind, 'no-worker', ended.stdout);
      assert.match(document(ended).error.next.join(), /lastgood worker/);
    }
    await assert.rejects(temporal.client.workflow.getHandle(rollbackId(platform.name)).describe(), 'a run was started');
  });

  it('is 4 while the engine does not answer, soon, and nothing is left behind', () =>
    withPlatform({}, async stand => {
      const { name, world } = stand.platform;
      world.faults.push({ call: 'identify', kind: 'unavailable' });
      const ended = await Promise.all([
        stand.call(['plan', name, '-o', 'json']),
        stand.call(['release', 'record', name, '-o', 'json']),
        stand.call([...asked(stand), '-o', 'json']),
      ]);
      assert.deepEqual(
        ended.map(({ code }) => code),
        [4, 4, 4],
        ended.map(({ stdout, stderr }) => stdout + stderr).join(),
      );
      const [plan, record, run] = ended.map(document);
      assert.match(plan!.error.message, /scripted unavailable/);
      assert.match(record!.error.message, /scripted unavailable/);
      assert.deepEqual([run!['outcome'], run!['cause']], ['refused', 'unavailable']);
      assert.deepEqual([...world.claims], []);
    }));

  it('is 6 when the run was taken back, and the screen names the culprit', () =>
    withPlatform({ plan: `on-failure: { after-restore: revert }\n${IMPATIENT}` }, async stand => {
      stand.platform.world.behaviours.set('v1', { ...well, healthy: false });
      const ended = await stand.call(asked(stand));
      assert.equal(ended.code, 6, ended.stdout + ended.stderr);
      assert.match(ended.stdout, /\[REVERTED\]/);
      assert.match(ended.stdout, /reverted: the platform is as it was just before the freeze/);
      assert.match(ended.stderr, /undo swap-in passed/);
    }));

  it('is 7 when the run is held: at once where nobody can answer, and when it is handed over', () =>
    withPlatform({ plan: `on-failure: { after-restore: ask, silence: stay }\n${IMPATIENT}` }, async stand => {
      const { name } = stand.platform;
      stand.platform.world.behaviours.set('v1', { ...well, healthy: false });
      const ended = await stand.call([...asked(stand), '-o', 'json']);
      assert.equal(ended.code, 7, ended.stdout + ended.stderr);
      assert.equal(document(ended)['ended'], 'held');
      assert.equal(document(ended)['outcome'], 'open');

      const second = await stand.call([...asked(stand), '-o', 'json']);
      assert.equal(second.code, 5);
      assert.equal(document(second).error.kind, 'already-open');
      assert.match(document(second).error.message, /phase start, started by .*, open for/);

      assert.equal((await stand.call(['acknowledge', name])).code, 0);
      const decided = await stand.call(['decide', name, 'handover', '--by', 'carla', '--reason', 'mine', '-o', 'json']);
      assert.equal(decided.code, 0, decided.stdout);
      assert.equal(document(decided)['counted'], true);
      const over = await stand.call(['watch', name, '-o', 'json']);
      assert.equal(over.code, 7);
      assert.equal(document(over)['outcome'], 'held');
    }));

  it('is 8 when the waiting ended and the run goes on, 9 when it is denied, 5 for a message that does not count', () =>
    withPlatform({}, async stand => {
      const { name } = stand.platform;
      // P2 asks for one approval within hours, and silence refuses.
      const left = await stand.call([...asked(stand, '--severity', 'P2', '--timeout', '1s'), '-o', 'json']);
      assert.equal(left.code, 8, left.stdout + left.stderr);
      assert.equal(document(left)['ended'], 'timed-out');
      await untilState(stand, 'waiting');

      const wrong = await stand.call(['confirm', name, '--hash', '00000000', '-o', 'json']);
      assert.equal(wrong.code, 5);
      assert.match(String(document(wrong)['why']), /^for run hash 00000000, this run is/);
      assert.equal((await stand.call(['resume', name])).code, 5, 'it was not paused');
      // Without a platform the server's list of runs is asked, which follows what is open with a delay.
      const listed = new RegExp(`^${name} {2}confirm {2}P2 {2}open for`, 'm');
      await poll({ what: 'the run to be listed', deadlineMs: 10_000, everyMs: 100 }, async () =>
        listed.test((await stand.call(['status'])).stdout),
      );

      assert.equal((await stand.call(['deny', name, '--by', 'carla', '--reason', 'not now'])).code, 0);
      const denied = await stand.call(['watch', name]);
      assert.equal(denied.code, 9, denied.stdout);
      assert.match(denied.stdout, /refused, nothing was touched: denied by carla/);
      assert.equal((await stand.call(['deny', name])).code, 5, 'no run is open');
    }));

  it('is 9 for a denial, whenever it came, and 5 for an abort, though it came while approvals were awaited', () =>
    withPlatform({}, async stand => {
      const { name, world } = stand.platform;
      world.before = async call => {
        if (call !== 'create') return;
        world.before = undefined;
        const said = { by: 'carla', reason: 'not now' };
        await temporal.client.workflow.getHandle(rollbackId(name)).executeUpdate('deny', { args: [said] });
      };
      const denied = await stand.call([...asked(stand), '-o', 'json']);
      assert.deepEqual([denied.code, document(denied)['cause']], [9, 'denied'], denied.stdout);

      assert.equal((await stand.call([...asked(stand, '--severity', 'P2', '--timeout', '1s'), '-o', 'json'])).code, 8);
      await untilState(stand, 'waiting');
      assert.equal((await stand.call(['abort', name, '--reason', 'wrong release'])).code, 0);
      const aborted = await stand.call(['watch', name, '-o', 'json']);
      assert.deepEqual([aborted.code, document(aborted)['cause']], [5, 'aborted'], aborted.stdout);
    }));

  it('is 9 when the approval expired', () =>
    withPlatform({ approvals: 1 }, async stand => {
      const ended = await stand.call(asked(stand));
      assert.equal(ended.code, 9, ended.stdout);
      assert.match(ended.stdout, /expired: 0 of 1 approvals/);
    }));

  it('needs the consent typed on a terminal, after the plan was shown; what was shown is what runs', () =>
    withPlatform({}, async stand => {
      const { name } = stand.platform;
      const no = await stand.call(['run', name, '--severity', 'P0'], { typed: 'n3xus\n' });
      assert.equal(no.code, 5);
      assert.match(no.stderr, /Type the platform's name to start: /);
      assert.match(no.stderr, /"n3xus" was typed; nothing was started/);
      assert.equal(
        (await stand.call(['run', name, '--severity', 'P0'], { typed: '' })).code,
        5,
        'the end of input is no consent',
      );

      const yes = await stand.call(['run', name, '--severity', 'P0'], { typed: `${name}\n` });
      assert.equal(yes.code, 0, yes.stderr);
      assert.match(yes.stderr, /back to .*v1[\s\S]*api[\s\S]*v2 -> v1[\s\S]*Nothing has been changed/);
      const report = document(await stand.call(['report', name, '-o', 'json']));
      assert.match(yes.stderr, new RegExp(String(report['runHash']).slice(0, 12)));
    }));

  it('is 2 where no terminal is and the consent is missing or names another platform', async () => {
    const none = await lastgood(['run', 'n3xus', '-o', 'json']);
    assert.equal(none.code, 2);
    assert.match(document(none).error.next.join(), /--consent=n3xus/);
    assert.equal((await lastgood(['run', 'n3xus', '--consent=n3xu'])).code, 2);
  });
});
