import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { before, describe, it } from 'node:test';
import { parse } from 'yaml';
import type { RunProgress } from '../../src/run/progress.ts';
import { rollbackId } from '../../src/workflows/messages.ts';
import { type PrivateEngine, startPrivateEngine } from '../../testbed/docker/engine.ts';
import { findFreePort } from '../../testbed/process/free-port.ts';
import { poll } from '../../testbed/process/poll.ts';
import { findTemporal } from '../../testbed/temporal/binary.ts';
import { ensureTemporalImage } from '../../testbed/temporal/image.ts';
import { checkPromises } from '../checker/promises.ts';
import { runSmall } from '../platforms/runs.ts';
import { say, setStand } from '../platforms/stand.ts';
import { type Compose, findCompose } from '../support/compose.ts';

const FILE = join(import.meta.dirname, '../../docker-compose.temporal.yml');
const PROJECT = 'lastgood-temporal';

describe('the small profile of docker-compose.temporal.yml', () => {
  let compose: Compose;
  before(async () => {
    compose = await findCompose(say);
  });

  it('serves a rollback from an image under the name that it pins, and knows it still after a crash', async t => {
    const directory = await mkdtemp(join(tmpdir(), 'lg-compose-'));
    const endings = [() => rm(directory, { recursive: true, force: true })];
    t.after(async () => {
      for (const end of endings.toReversed()) await end();
    });
    const engine = await startPrivateEngine({ directory: join(directory, 'engine'), say: () => undefined });
    endings.push(() => engine.stop());
    const { services } = parse(await readFile(FILE, 'utf8'), { merge: true });
    const { path: binary, version } = await findTemporal({ say });
    assert.match(
      services['temporal-small'].image,
      new RegExp(`:${version}$`),
      'the pinned name is of the version that runs',
    );
    await ensureTemporalImage(engine, { binary, tag: services['temporal-small'].image, say });

    const [port, uiPort] = [await findFreePort(), await findFreePort()];
    const env = { TEMPORAL_PORT: String(port), TEMPORAL_UI_PORT: String(uiPort) };
    const file = await readable(compose, directory);
    const call = (...args: string[]) =>
      compose.run(['-f', file, '-p', PROJECT, '--profile', 'small', ...args], { socket: engine.socket, env });
    await call('up', '-d');
    await healthy(engine);
    const ui = await fetch(`http://127.0.0.1:${uiPort}/`, { signal: AbortSignal.timeout(30_000) });
    assert.equal(ui.status, 200, 'the Web UI answers on its port');

    // Its first deed there is `lastgood setup`: namespace, search attributes, key.
    const stand = await setStand(`127.0.0.1:${port}`);
    endings.push(() => stand.end());
    const { report, evidence } = await runSmall(stand);
    assert.equal(report.outcome, 'completed', report.headline);
    assert.deepEqual(checkPromises(evidence), []);

    const container = engine.client.getContainer(await idOf(engine));
    const startedAt = (await container.inspect()).State.StartedAt;
    await container.kill({ signal: 'SIGKILL' }).catch(() => undefined);
    await poll({ what: 'the engine to know that it died', deadlineMs: 30_000 }, async () => {
      const { State } = await container.inspect();
      return !State.Running || State.StartedAt !== startedAt;
    });
    // What somebody killed by hand stays down until it is asked for again.
    await call('up', '-d');
    await healthy(engine);
    const status = await poll({ what: 'the run to be known', deadlineMs: 60_000 }, async () => {
      const ended = await stand.cli('status', stand.platform, '-o', 'json');
      return ended.code === 0 ? (JSON.parse(ended.stdout) as { report: { run: string; outcome: string } }) : undefined;
    });
    assert.equal(status.report.run, report.run);
    assert.equal(status.report.outcome, 'completed');
    const handle = stand.at.client.workflow.getHandle(rollbackId(stand.platform), report.run);
    assert.equal((await handle.query<RunProgress>('progress')).outcome, 'completed');

    await call('down');
    assert.deepEqual(await engine.client.listContainers({ all: true }), []);
    const { Volumes } = await engine.client.listVolumes();
    // Version 1 makes those of the other profile too.
    const kept = Volumes.map(({ Name }) => Name);
    assert.ok(kept.includes(`${PROJECT}_small-state`), `its state outlives \`down\`: ${kept.join(', ')}`);
    say(
      `compose ${compose.version}: small profile healthy with temporal ${version} as ${services['temporal-small'].image}, one rollback ${report.outcome}, known after SIGKILL`,
    );
  });
});

/** Version 1 does not know the line `name`, and the project is named on the command line anyway: it reads the file without. */
async function readable({ major }: Compose, directory: string): Promise<string> {
  if (major >= 2) return FILE;
  const lines = (await readFile(FILE, 'utf8')).split('\n');
  const without = lines.filter(line => !line.startsWith('name:'));
  assert.equal(without.length, lines.length - 1, 'one line is left out, and no other');
  // Paths in it are of the self-hosted profile, and are not read here.
  const copy = join(directory, 'docker-compose.yml');
  await writeFile(copy, without.join('\n'));
  return copy;
}

const idOf = async ({ client }: PrivateEngine): Promise<string> => {
  const [only, ...more] = await client.listContainers({ all: true });
  assert.deepEqual(more, [], 'the small profile is one container');
  assert.ok(only !== undefined);
  return only.Id;
};

async function healthy(engine: PrivateEngine): Promise<void> {
  const seen = await poll({ what: 'the health check of the file to pass', deadlineMs: 120_000 }, async () => {
    const { State } = await engine.client.getContainer(await idOf(engine)).inspect();
    return State.Health?.Status === 'healthy' || State.Health?.Status === 'unhealthy' ? State : undefined;
  });
  assert.equal(seen.Health?.Status, 'healthy', JSON.stringify(seen.Health?.Log));
}
