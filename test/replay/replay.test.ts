import assert from 'node:assert/strict';
import { cp, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { bundleWorkflowCode, Runtime, Worker } from '@temporalio/worker';
import { DeterminismViolationError } from '@temporalio/workflow';
import { findBundle } from '../../src/worker/bundle.ts';
import { HISTORIES, historyOf } from './history.ts';

const nothing = (): void => undefined;
const quiet = { log: nothing, trace: nothing, debug: nothing, info: nothing, warn: nothing, error: nothing };
Runtime.install({ logger: quiet });

const ROOT = join(import.meta.dirname, '../..');
const names = (await readdir(HISTORIES))
  .filter(name => name.endsWith('.json'))
  .map(name => name.replace(/\.json$/, ''));

const replay = async (codePath: string, name: string): Promise<void> =>
  Worker.runReplayHistory({ workflowBundle: { codePath } }, await historyOf(name), `replayed:${name}`);

/** The bundle of the same workflows with one thing changed. */
async function bundleWith(change: (text: string) => string, name: string): Promise<string> {
  const home = join(ROOT, '.lastgood', `replay-${process.pid}`);
  await mkdir(home, { recursive: true });
  try {
    await cp(join(ROOT, 'src'), join(home, 'src'), { recursive: true });
    const runbook = join(home, 'src/workflows/rollback.ts');
    const before = await readFile(runbook, 'utf8');
    const after = change(before);
    assert.notEqual(after, before, 'the planted change must change something');
    await writeFile(runbook, after);
    const { code } = await bundleWorkflowCode({ workflowsPath: join(home, 'src/workflows/index.ts'), logger: quiet });
    const path = join(tmpdir(), `lastgood-replay-${process.pid}-${name}.js`);
    await writeFile(path, code);
    return path;
  } finally {
    await rm(home, { recursive: true, force: true });
  }
}

describe("today's workflows", async () => {
  const codePath = await findBundle(join(tmpdir(), 'lastgood-test-bundle'));

  it('are held to a history of every way that a run can go', () => {
    const wanted = [
      ...['completed', 'approved', 'refused', 'denied', 'reverted', 'reverted-after-a-failed-revert'],
      ...['held-then-retried', 'held-then-handed-over', 'paused', 'taken-over', 'worker-killed', 'engine-killed'],
    ];
    assert.deepEqual(
      wanted.filter(name => !names.includes(name)),
      [],
    );
  });

  for (const name of names) it(`replay ${name}`, () => replay(codePath, name));

  it('are caught when the runbook is put in another order', async () => {
    const swapped = (text: string): string => {
      const [snapshot, stop] = [
        "  ['capture-live', phase.captureLive],\n",
        "  ['stop-tiers', phase.stopTiersTopDown, phase.startTiersAsFound],\n",
      ] as const;
      return text.replace(snapshot + stop, stop + snapshot);
    };
    const path = await bundleWith(swapped, 'reordered');
    await assert.rejects(replay(path, 'completed'), DeterminismViolationError);
    await rm(path);
  });

  it('are caught when a step is left out', async () => {
    const path = await bundleWith(
      text => text.replace("  ['capture-stopped', phase.captureStopped],\n", ''),
      'shortened',
    );
    await assert.rejects(replay(path, 'completed'), DeterminismViolationError);
    await rm(path);
  });
});
