import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { accepts } from '../../../testbed/process/accepts.ts';
import { runWell } from '../../../testbed/process/run.ts';
import { findTemporal } from '../../../testbed/temporal/binary.ts';
import { SEARCH_ATTRIBUTES } from '../../../testbed/temporal/flags.ts';
import { startTemporal, type TemporalServer } from '../../../testbed/temporal/server.ts';

describe('a Temporal server of our own', () => {
  const say = (): void => undefined;
  let directory: string;
  let binary: string;
  let server: TemporalServer;
  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'lastgood-temporal-'));
    binary = (await findTemporal({ say: console.error })).path;
    server = await startTemporal({ binary, directory, say, ui: true });
  });
  after(async () => {
    await server?.stop();
    await rm(directory, { recursive: true, force: true });
  });
  const temporal = (...args: string[]): Promise<string> =>
    runWell(binary, [...args, '--address', server.address, '--output', 'json'], {
      deadlineMs: 20_000,
      env: { ...process.env, HOME: directory },
    });

  it('still knows a workflow that was started before it was killed', async () => {
    const named = ['--workflow-id', 'kept', '--type', 'nothing', '--task-queue', 'nobody'];
    const attributes = ['--search-attribute', 'LastgoodPlatform="n3xus"', '--search-attribute', 'LastgoodDrill=true'];
    await temporal('workflow', 'start', ...named, ...attributes);
    await server.kill();
    assert.equal(await accepts(Number(server.address.split(':')[1])), false);
    await server.start();
    const described = JSON.parse(await temporal('workflow', 'describe', '--workflow-id', 'kept'));
    assert.equal(described.workflowExecutionInfo.status, 'WORKFLOW_EXECUTION_STATUS_RUNNING');
  });

  it('finds a run by the search attributes that lastgood writes', async () => {
    const listed = JSON.parse(await temporal('operator', 'search-attribute', 'list')).customAttributes;
    for (const [name, type] of Object.entries(SEARCH_ATTRIBUTES))
      assert.equal(listed[name], `INDEXED_VALUE_TYPE_${type.toUpperCase()}`, name);
  });

  it('serves its Web UI on the loopback address', async () => {
    const response = await fetch(server.uiUrl as string);
    assert.equal(response.status, 200);
    assert.match(server.uiUrl as string, /^http:\/\/127\.0\.0\.1:\d+$/);
  });

  it('does not take another server on its port for itself', async () => {
    const port = Number(server.address.split(':')[1]);
    const elsewhere = join(directory, 'second');
    await assert.rejects(startTemporal({ binary, directory: elsewhere, say, port }), /is another program's already/);
  });

  it('says with the tail of its log why it did not come up', async () => {
    const torn = join(directory, 'torn');
    await mkdir(torn);
    await writeFile(join(torn, 'temporal.db'), 'not a database, and long enough to be looked at'.repeat(100));
    await assert.rejects(startTemporal({ binary, directory: torn, say }), (error: Error) => {
      assert.match(error.message, /^the Temporal server did not come up: it ended as it started\nits log:\n/);
      assert.match(error.message, /not a database/);
      return true;
    });
  });
});
