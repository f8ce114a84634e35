import { installPackages, whyNoApt } from '../../testbed/docker/apt.ts';
import { findPrograms, systemPath } from '../../testbed/process/find-program.ts';
import { run } from '../../testbed/process/run.ts';
import type { Say } from '../../testbed/say.ts';

export interface FoundCompose {
  /** As a shell takes it: `docker compose`, or `docker-compose`. */
  readonly command: string;
  readonly version: string;
}

/**
 * Docker Compose as the runbook calls it, else the one of its own command; as root on Debian or Ubuntu that is
 * installed when neither is there.
 * @throws Error saying what was tried
 */
export async function findCompose(say: Say): Promise<FoundCompose> {
  const found = await ask();
  if (found !== undefined) return found;
  const why = await whyNoApt();
  if (why !== undefined)
    throw new Error(`neither "docker compose" nor "docker-compose" works here, and it cannot be installed: ${why}`);
  await installPackages(['docker.io', 'docker-compose'], say);
  const installed = await ask();
  if (installed === undefined) throw new Error('docker-compose was installed, and does not work');
  return installed;
}

async function ask(): Promise<FoundCompose | undefined> {
  if (findPrograms('docker').length === 0 || findPrograms('curl').length === 0) return undefined;
  for (const command of ['docker compose', 'docker-compose']) {
    const [program = '', ...args] = command.split(' ');
    const options = { deadlineMs: 20_000, env: { ...process.env, PATH: systemPath() } };
    const answer = await run(program, [...args, 'version', '--short'], options).catch(() => undefined);
    if (answer?.code === 0) return { command, version: answer.stdout.trim() };
  }
  return undefined;
}
