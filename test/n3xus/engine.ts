import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type Docker from 'dockerode';
import { connectTo } from '../../testbed/docker/connect.ts';
import { startPrivateEngine } from '../../testbed/docker/engine.ts';
import { tearDown } from '../../testbed/n3xus/platform.ts';

export interface TestEngine {
  readonly engine: Docker;
  /** As DOCKER_HOST takes it. */
  readonly socket: string;
  /** Gone with the rest at the end. */
  readonly directory: string;
  end(): Promise<void>;
}

/** The engine that LASTGOOD_TEST_DOCKER names, which keeps its images; else one of the test's own. */
export async function startTestEngine(say: (line: string) => void): Promise<TestEngine> {
  const directory = mkdtempSync(join(tmpdir(), 'lastgood-n3xus-'));
  const given = process.env['LASTGOOD_TEST_DOCKER'];
  if (given) {
    const engine = connectTo(given);
    const end = async () => {
      await tearDown(engine);
      rmSync(directory, { recursive: true, force: true });
    };
    return { engine, socket: given, directory, end };
  }
  const own = await startPrivateEngine({ directory: join(directory, 'engine'), say });
  const end = async () => {
    await own.stop();
    rmSync(directory, { recursive: true, force: true });
  };
  return { engine: own.client, socket: own.socket, directory, end };
}
