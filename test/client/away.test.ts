import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { rollbackId } from '../../src/workflows/messages.ts';
import { poll } from '../../testbed/process/poll.ts';
import { useTemporal } from '../support/temporal.ts';
import { createScriptedPlatform, queueOf, type ScriptedPlatform } from '../workflows/scripted-platform.ts';
import { serve } from '../workflows/serve.ts';
import { lastgood } from './command-line.ts';

const temporal = await useTemporal();
const MAIN = join(import.meta.dirname, '../../src/client/cli/main.ts');

const environmentFor = (platform: ScriptedPlatform): Record<string, string> => ({
  TEMPORAL_ADDRESS: temporal.address,
  LASTGOOD_TASK_QUEUE: queueOf(platform),
  LASTGOOD_STATE: platform.directory,
});
/** P2 asks for one approval within hours: the run stays where it is. */
const startWaiting = async (platform: ScriptedPlatform, env: Record<string, string>): Promise<string> => {
  const started = await lastgood(['run', platform.name, `--consent=${platform.name}`, '--detach', '-o', 'json'], {
    env,
  });
  assert.equal(started.code, 0, started.stdout);
  await poll({ what: 'the run to wait', deadlineMs: 30_000 }, async () => {
    const { stdout } = await lastgood(['status', platform.name, '-o', 'json'], { env });
    return JSON.parse(stdout).progress?.state === 'waiting';
  });
  return JSON.parse(started.stdout).run;
};

describe('a run whose worker is away', () => {
  it('is still described, keeps what it is told, and hears it when a worker is back', async () => {
    const platform = await createScriptedPlatform();
    const env = environmentFor(platform);
    let stop = await serve(temporal, platform);
    await startWaiting(platform, env);
    await stop();
    try {
      const silent = await lastgood(['status', platform.name, '-o', 'json'], { env });
      const seen = JSON.parse(silent.stdout);
      assert.equal(silent.code, 0);
      assert.deepEqual([seen.from, seen.status, seen.known.Phase], ['server', 'open', 'confirm']);
      assert.match(
        (await lastgood(['status', platform.name], { env })).stdout,
        /\[WORKER SILENT\][\s\S]*lastgood worker/,
      );

      const watched = await lastgood(['watch', platform.name, '--timeout', '4s'], { env });
      assert.equal(watched.code, 8);
      assert.match(watched.stderr, /no answer from the run's worker/);

      const paused = await lastgood(['pause', platform.name, '--by', 'ben', '-o', 'json'], { env });
      assert.equal(paused.code, 0);
      assert.equal(JSON.parse(paused.stdout).counted, null);
    } finally {
      stop = await serve(temporal, platform);
    }
    await poll({ what: 'the pause to be heard', deadlineMs: 30_000 }, async () => {
      const { stdout } = await lastgood(['status', platform.name, '-o', 'json'], { env });
      return JSON.parse(stdout).progress?.heard.some(
        (one: { by: string; counted: boolean }) => one.by === 'ben' && one.counted,
      );
    });
    assert.equal((await lastgood(['abort', platform.name], { env })).code, 0);
    assert.equal(
      (await lastgood(['watch', platform.name], { env })).code,
      5,
      'an abort at the approval refuses the run',
    );
    await stop();
  });

  it('that was ended from outside exits 7 and names how to take it over', async () => {
    const platform = await createScriptedPlatform();
    const env = environmentFor(platform);
    const stop = await serve(temporal, platform);
    const run = await startWaiting(platform, env);
    await temporal.client.workflow.getHandle(rollbackId(platform.name)).terminate('by hand');
    await stop();
    for (const command of ['watch', 'report', 'status']) {
      const ended = await lastgood([command, platform.name, '-o', 'json'], { env });
      assert.equal(ended.code, 7, `${command}: ${ended.stdout}`);
      const { error } = JSON.parse(ended.stdout);
      assert.deepEqual([error.kind, error.changed], ['left-behind', 'unknown']);
      assert.deepEqual(error.next, [`lastgood run ${platform.name} --take-over ${run}`]);
    }
  });
});

describe('leaving', () => {
  it('by Ctrl-C exits 8, says that the run goes on and how to come back; the run is still open', async () => {
    const platform = await createScriptedPlatform();
    const env = environmentFor(platform);
    const stop = await serve(temporal, platform);
    await startWaiting(platform, env);
    const child = spawn(process.execPath, [MAIN, 'watch', platform.name], { env: { ...process.env, ...env } });
    let said = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      said += text;
    });
    await poll({ what: 'the watch to show the run', deadlineMs: 30_000 }, () => said.includes('awaited:'));
    child.kill('SIGINT');
    const [code] = await once(child, 'exit');
    assert.equal(code, 8, said);
    assert.match(
      said,
      new RegExp(`Detached\\. The run of ${platform.name} goes on.*\\n {2}come back: lastgood watch ${platform.name}`),
    );
    const { status } = await temporal.client.workflow.getHandle(rollbackId(platform.name)).describe();
    assert.equal(status.name, 'RUNNING');
    assert.equal((await lastgood(['deny', platform.name], { env })).code, 0);
    assert.equal((await lastgood(['watch', platform.name], { env })).code, 9);
    await stop();
  });
});

describe('lastgood setup', () => {
  it('makes namespace, search attributes and key once, and finds them from then on', async () => {
    const platform = await createScriptedPlatform();
    const env = {
      TEMPORAL_ADDRESS: temporal.address,
      TEMPORAL_NAMESPACE: `ns-${platform.name}`,
      LASTGOOD_STATE: join(platform.directory, 'new'),
    };
    const before = await lastgood(['status', '-o', 'json'], { env });
    assert.equal(before.code, 4, before.stdout);
    const hows = async (): Promise<string[]> => {
      const { code, stdout, stderr } = await lastgood(['setup', '-o', 'json'], { env });
      assert.equal(code, 0, stdout + stderr);
      return JSON.parse(stdout).done.map((one: { how: string }) => one.how);
    };
    assert.deepEqual(await hows(), Array(10).fill('made'));
    assert.deepEqual(await hows(), Array(10).fill('found'));
    assert.equal((await stat(join(env.LASTGOOD_STATE, 'key'))).mode & 0o777, 0o600);
    assert.match((await lastgood(['status'], { env })).stdout, /no run is open/);
  });
});

describe('the ledger through the workers', () => {
  it('records, lists and shows releases, and refuses one that is not there', async () => {
    const platform = await createScriptedPlatform();
    const env = environmentFor(platform);
    const stop = await serve(temporal, platform);
    const recorded = await lastgood(['release', 'record', platform.name, 'v2', '--by', 'ana'], { env });
    assert.equal(recorded.code, 0, recorded.stderr);
    const { stdout } = await lastgood(['release', 'list', platform.name, '-o', 'json'], { env });
    assert.deepEqual(
      JSON.parse(stdout).releases.map((one: { id: string; good?: object }) => [one.id, one.good !== undefined]),
      [
        ['v2', false],
        ['v1', true],
      ],
    );
    assert.match(
      (await lastgood(['release', 'show', platform.name, 'v1'], { env })).stdout,
      /good {7}.*by test: soaked/,
    );
    const none = await lastgood(['release', 'show', platform.name, 'v9', '-o', 'json'], { env });
    assert.equal(none.code, 5);
    assert.match(JSON.parse(none.stdout).error.message, /has no release v9/);
    await stop();
  });
});
