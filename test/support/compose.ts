import { setTimeout as pause } from 'node:timers/promises';
import { installPackages, whyNoApt } from '../../testbed/docker/apt.ts';
import { findPrograms } from '../../testbed/process/find-program.ts';
import { run, runWell } from '../../testbed/process/run.ts';
import type { Say } from '../../testbed/say.ts';

/** Docker Compose, whichever there is: the engine's plugin, or Debian's `docker-compose`. */
export interface Compose {
  readonly version: string;
  readonly major: number;
  /** @throws Error with the last lines that it wrote */
  run(args: readonly string[], on: { socket: string; env?: NodeJS.ProcessEnv }): Promise<string>;
}

const WAYS: readonly (readonly [program: string, ...args: string[]])[] = [['docker', 'compose'], ['docker-compose']];

/** Installs Debian's package when there is none. @throws Error saying why it cannot be had */
export async function findCompose(say: Say): Promise<Compose> {
  const there = await find();
  if (there !== undefined) return there;
  const why = await whyNoApt();
  if (why !== undefined) throw new Error(`this test needs Docker Compose (Debian: docker-compose), and ${why}`);
  await installPackages(['docker-compose'], say);
  const installed = await find();
  if (installed === undefined) throw new Error('docker-compose was installed, and does not say its version');
  return installed;
}

async function find(): Promise<Compose | undefined> {
  for (const [name, ...first] of WAYS) {
    for (const program of findPrograms(name)) {
      const asked = await run(program, [...first, 'version', '--short'], { deadlineMs: 30_000 }).catch(() => undefined);
      const version = /^v?(\d+)\.\d+\.\d+/.exec(asked?.stdout.trim() ?? '');
      if (asked?.code !== 0 || version === null) continue;
      return {
        version: version[0],
        major: Number(version[1]),
        run: (args, { socket, env }) =>
          whateverStarts(() =>
            runWell(program, [...first, ...args], {
              deadlineMs: 300_000,
              env: { ...process.env, ...env, DOCKER_HOST: socket },
            }),
          ),
      };
    }
  }
  return undefined;
}

/** Another engine that starts on this machine takes the chains of the packet filter away for a moment: then it is asked again, a few times. */
async function whateverStarts(ask: () => Promise<string>): Promise<string> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await ask();
    } catch (error) {
      if (tries === 5 || !/iptables.*No chain\/target\/match/.test(String(error))) throw error;
      await pause(1_000);
    }
  }
}
