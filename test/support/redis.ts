import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { findPrograms } from '../../testbed/process/find-program.ts';
import { findFreePort } from '../../testbed/process/free-port.ts';
import { programFrom } from './program.ts';
import { startServer } from './server.ts';

/** A Redis server of the test's own, on a free loopback port. */
export async function startRedis(t: TestContext, settings: readonly string[] = []): Promise<{ readonly port: number }> {
  // In Debian the server and its checker are one program, which goes by its name; the checker's package starts no service.
  const command =
    findPrograms('redis-server')[0] ?? (await programFrom('redis-tools', 'redis-check-rdb', async () => []));
  const cwd = await mkdtemp(join(tmpdir(), 'lastgood-redis-'));
  t.after(() => rm(cwd, { recursive: true, force: true, maxRetries: 10 }));
  const port = await findFreePort();
  await startServer(t, {
    command,
    argv0: 'redis-server',
    args: ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--dir', cwd, ...settings],
    cwd,
    ready: /[Rr]eady to accept connections/,
    stop: 'SIGTERM',
  });
  return { port };
}
