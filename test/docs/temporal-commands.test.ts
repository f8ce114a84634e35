import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { promisify } from 'node:util';
import type { RunProgress } from '../../src/run/progress.ts';
import { rollbackId } from '../../src/workflows/messages.ts';
import { poll } from '../../testbed/process/poll.ts';
import { findTemporal } from '../../testbed/temporal/binary.ts';
import { useTemporal } from '../support/temporal.ts';
import { createScriptedPlatform, queueOf } from '../workflows/scripted-platform.ts';
import { serve } from '../workflows/serve.ts';

const ROOT = join(import.meta.dirname, '../..');
const temporal = await useTemporal();
const { path: binary } = await findTemporal({ say: () => undefined });
const run = promisify(execFile);

/** Every whole `temporal workflow …` line: of code blocks, continued lines joined, and of tables. Lines about any workflow (`ID`) are no commands. */
async function commandsOf(file: string): Promise<string[]> {
  const text = (await readFile(join(ROOT, file), 'utf8')).replaceAll(/\\\n\s*/g, ' ');
  const lines = text.split('\n');
  return lines
    .flatMap(line =>
      line.startsWith('temporal workflow ')
        ? [line]
        : [...line.matchAll(/`(temporal workflow [^`]+--[^`]+)`/g)].map(match => match[1] ?? ''),
    )
    .filter(line => !/--workflow-id ID\b|--query Q\b/.test(line));
}

/** As a shell splits it: words, 'single' and "double" quotes. */
const words = (line: string): string[] =>
  [...line.matchAll(/'([^']*)'|"([^"]*)"|(\S+)/g)].map(([, single, double, bare]) => single ?? double ?? bare ?? '');

describe('the docs', async () => {
  const commands = [...(await commandsOf('docs/operating.md')), ...(await commandsOf('README.md'))];

  it('have a line for every message and query of a run', () => {
    for (const name of ['confirm', 'deny', 'abort', 'decide', 'pause', 'resume', 'acknowledge', 'alert']) {
      assert.ok(
        commands.some(line => line.includes(`--name ${name} `)),
        name,
      );
    }
    for (const verb of ['start', 'signal', 'update', 'query', 'show'])
      assert.ok(
        commands.some(line => line.startsWith(`temporal workflow ${verb} `)),
        verb,
      );
  });

  it('give `temporal` lines that work as they stand', async () => {
    const platform = await createScriptedPlatform({
      approvals: 1,
      plan: 'policy:\n  P2: { approvals: 1, by: [anyone], within: 10m, silence: refuse }\naftercare: { for: 10m, every: 1m }',
    });
    const stop = await serve(temporal, platform);
    const bad = structuredClone([...platform.world.containers]);
    /** A line that confirms completes its run: the next one needs something to roll back again. */
    const deployAgain = (): void => {
      platform.world.containers.clear();
      for (const [name, container] of structuredClone(bad)) platform.world.containers.set(name, container);
    };
    const ask = async (line: string): Promise<string> => {
      const own = line
        .replaceAll('n3xus', platform.name)
        .replaceAll('--task-queue lastgood', `--task-queue ${queueOf(platform)}`)
        .replaceAll('<hash>', (await progressOf())?.outline?.hash ?? '');
      const { stdout } = await run(binary, [...words(own).slice(1), '--address', temporal.address], {
        timeout: 60_000,
      });
      return stdout;
    };
    const handle = temporal.client.workflow.getHandle(rollbackId(platform.name));
    const progressOf = async (): Promise<RunProgress | undefined> =>
      handle.query<RunProgress>('progress').catch(() => undefined);
    const isOpen = async (): Promise<boolean> =>
      (await handle.describe().catch(() => undefined))?.status.name === 'RUNNING';
    const start = commands.find(line => line.startsWith('temporal workflow start --type rollback'));
    assert.ok(start !== undefined);
    /** Every line on a run meets one that waits for its approval. */
    const awaiting = (): Promise<unknown> =>
      poll({ what: 'the run to wait for its approval', deadlineMs: 30_000 }, async () => {
        if (!(await isOpen())) {
          deployAgain();
          await ask(start);
        }
        const state = (await progressOf())?.state;
        return state === 'waiting' || state === 'paused';
      });
    try {
      let ran = 0;
      const last = (line: string): number =>
        line.includes('record:')
          ? -1
          : line.includes('aftercare:')
            ? 2
            : line.startsWith('temporal workflow result --workflow-id rollback:')
              ? 1
              : 0;
      for (const line of commands.toSorted((a, b) => last(a) - last(b))) {
        if (line === start) continue;
        if (line.includes('--workflow-id rollback:')) await awaiting();
        if (line.includes('workflow result --workflow-id rollback:')) {
          await ask(commands.find(one => one.includes('update') && one.includes('--name confirm')) ?? '');
        }
        const said = await ask(line);
        if (!/workflow (signal|list) /.test(line)) assert.notEqual(said.trim(), '', line);
        ran += 1;
      }
      assert.ok(ran >= 20, `${ran} lines were run`);
      process.stdout.write(`${ran + 1} temporal lines of the docs were run\n`);
    } finally {
      await temporal.client.workflow
        .getHandle(`aftercare:${platform.name}`)
        .terminate()
        .catch(() => undefined);
      await stop();
    }
  });
});
