import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { networkInterfaces, tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import type Docker from 'dockerode';
import { type PrivateEngine, startPrivateEngine } from '../../../testbed/docker/engine.ts';
import { ensureTinyImages } from '../../../testbed/docker/tiny-images.ts';
import { systemPath } from '../../../testbed/process/find-program.ts';
import { poll } from '../../../testbed/process/poll.ts';
import { runWell } from '../../../testbed/process/run.ts';

const say = (): void => undefined;
const IMAGE = 'lastgood-testbed/tiny:1';
const bridgesWith = (prefix: string): string[] =>
  Object.entries(networkInterfaces())
    .filter(([, addresses]) => addresses?.some(({ address }) => address.startsWith(prefix)))
    .map(([name]) => name);

async function runTiny(client: Docker, name: string, policy: 'always' | 'no'): Promise<Docker.Container> {
  const container = await client.createContainer({
    Image: IMAGE,
    name,
    HostConfig: {
      RestartPolicy: { Name: policy },
      PortBindings: { '8080/tcp': [{ HostIp: '127.0.0.1', HostPort: '' }] },
    },
  });
  await container.start();
  return container;
}

async function askVersion(container: Docker.Container): Promise<string> {
  const { NetworkSettings } = await container.inspect();
  const port = NetworkSettings.Ports['8080/tcp']?.[0]?.HostPort;
  return poll({ what: 'the container to answer', deadlineMs: 10_000 }, async () => {
    const response = await fetch(`http://127.0.0.1:${port}/version`, { signal: AbortSignal.timeout(1_000) });
    return (await response.text()).trim();
  });
}

/** Pids of processes whose command line names this text. */
async function findProcesses(text: string): Promise<string[]> {
  const found: string[] = [];
  for (const entry of await readdir('/proc')) {
    if (!/^\d+$/.test(entry) || Number(entry) === process.pid) continue;
    const line = await readFile(`/proc/${entry}/cmdline`, 'utf8').catch(() => '');
    if (line.includes(text)) found.push(`${entry} ${line.replaceAll('\0', ' ').slice(0, 120)}`);
  }
  return found;
}

describe('a private Docker engine', () => {
  let directory: string;
  let engine: PrivateEngine;
  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'lastgood-engine-'));
    engine = await startPrivateEngine({ directory, say });
    await ensureTinyImages(engine, { say });
  });
  after(async () => {
    await engine?.stop();
    await rm(directory, { recursive: true, force: true });
  });

  it('runs a container whose published port answers on the loopback address', async () => {
    const container = await runTiny(engine.client, 'answers', 'no');
    assert.equal(await askVersion(container), '1');
    await container.remove({ force: true });
  });

  it('comes back after SIGKILL with its own identity, containers of policy always up, those of policy no down', async () => {
    const before = await engine.client.info();
    const always = await runTiny(engine.client, 'always', 'always');
    const never = await runTiny(engine.client, 'never', 'no');
    const byHand = await runTiny(engine.client, 'by-hand', 'always');
    await byHand.stop({ t: 0 });
    const pid = engine.pid();

    await engine.kill();
    await assert.rejects(engine.client.ping());
    const processes = await findProcesses('/www');
    assert.equal(processes.length > 0, true, 'containers go on while their engine is dead');
    await engine.start();

    assert.notEqual(engine.pid(), pid);
    assert.equal((await engine.client.info()).ID, before.ID);
    assert.equal(await askVersion(always), '1');
    await poll({ what: 'what was stopped by hand to be up', deadlineMs: 10_000 }, async () => {
      return (await byHand.inspect()).State.Running;
    });
    assert.equal((await never.inspect()).State.Running, false);
    for (const container of [always, never, byHand]) await container.remove({ force: true });
  });

  it('refuses a second engine from the same directory, naming who runs the first', async () => {
    await assert.rejects(startPrivateEngine({ directory, say }), new RegExp(`already runs.*pid ${process.pid}`));
  });

  it('runs beside another with a bridge, an identity and rules of its own, and leaves nothing when it stops', async () => {
    const elsewhere = await mkdtemp(join(tmpdir(), 'lastgood-engine-'));
    const first = await runTiny(engine.client, 'first', 'no');
    const rules = await listRules();
    const second = await startPrivateEngine({ directory: elsewhere, say });
    try {
      assert.notEqual((await second.client.info()).ID, (await engine.client.info()).ID);
      assert.notEqual(second.socket, engine.socket);
      const now = await listRules();
      assert.deepEqual(
        rules.filter(rule => !now.includes(rule)),
        [],
        'the rules of the engine that was there are as before',
      );
      await ensureTinyImages(second, { say });
      const container = await runTiny(second.client, 'first', 'always');
      await second.client.createNetwork({ Name: 'own', CheckDuplicate: true });
      assert.equal(await askVersion(container), '1');
      const address = (await container.inspect()).NetworkSettings.Networks['bridge']?.IPAddress ?? '';
      const prefix = address.split('.').slice(0, 2).join('.').concat('.');
      assert.equal(bridgesWith(prefix).length > 0, true);
      await second.kill();
      await second.stop();

      const run = second.socketPath.replace(/\/docker\.sock$/, '');
      assert.deepEqual(await findProcesses(run), []);
      assert.deepEqual(
        readFileSync('/proc/self/mountinfo', 'utf8')
          .split('\n')
          .filter(line => line.includes(run) || line.includes(elsewhere)),
        [],
      );
      assert.deepEqual(bridgesWith(prefix), []);
      assert.deepEqual(
        (await listRules()).filter(rule => rule.includes(` ${prefix}`)),
        [],
      );
      assert.equal(existsSync(run), false);
      assert.deepEqual((await readdir(elsewhere)).sort(), ['containerd.log', 'dockerd.log']);
      assert.equal(await askVersion(first), '1', 'the first engine goes on');
    } finally {
      await second.stop();
      await first.remove({ force: true });
      await rm(elsewhere, { recursive: true, force: true });
    }
  });

  it('ends with its starter, and what that left is cleared away by the next start', async () => {
    const elsewhere = await mkdtemp(join(tmpdir(), 'lastgood-engine-'));
    const program = `
      import { startPrivateEngine } from ${JSON.stringify(new URL('../../../testbed/docker/engine.ts', import.meta.url).href)};
      const engine = await startPrivateEngine({ directory: ${JSON.stringify(elsewhere)}, say: () => undefined });
      console.log(engine.socketPath);
      process.kill(process.pid, 'SIGKILL');`;
    const options = { deadlineMs: 60_000 };
    const socket = await runWell(
      'sh',
      ['-c', '"$0" --input-type=module -e "$1" || true', process.execPath, program],
      options,
    );
    const run = socket.trim().replace(/\/docker\.sock$/, '');
    const gone = async (): Promise<boolean> => (await findProcesses(run)).length === 0;
    await poll({ what: 'the abandoned engine to end', deadlineMs: 20_000 }, gone);
    const said: string[] = [];
    const next = await startPrivateEngine({ directory: elsewhere, say: line => said.push(line) });
    try {
      assert.match(said.join('\n'), /clearing away the private engine/);
      await next.client.ping();
    } finally {
      await next.stop();
      await rm(elsewhere, { recursive: true, force: true });
    }
    assert.deepEqual(await findProcesses(run), []);
  });
});

async function listRules(): Promise<string[]> {
  const options = { deadlineMs: 10_000, env: { ...process.env, PATH: systemPath() } };
  const filter = await runWell('iptables', ['-w', '20', '-S'], options);
  const nat = await runWell('iptables', ['-w', '20', '-t', 'nat', '-S'], options);
  return `${filter}\n${nat}`.split('\n').filter(line => /lastgood\d+/.test(line));
}
