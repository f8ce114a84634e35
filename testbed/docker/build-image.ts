import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runWell } from '../process/run.ts';
import type { Say } from '../say.ts';
import { follow, type HasClient } from './import-tar.ts';

/** `docker build` of a Dockerfile that copies nothing. @throws Error with what the engine said */
export async function buildImage(engine: HasClient, dockerfile: string, tag: string, say: Say): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), 'lastgood-build-'));
  try {
    const context = join(directory, 'context.tar');
    await writeFile(join(directory, 'Dockerfile'), dockerfile);
    await runWell('tar', ['-C', directory, '-cf', context, 'Dockerfile'], { deadlineMs: 10_000 });
    const stream = await engine.client.buildImage(context, { t: tag, rm: true });
    await follow(engine, stream, line => line.startsWith('Step') && say(`  ${line.trim()}`));
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}
