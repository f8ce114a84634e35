import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type Docker from 'dockerode';
import { createNetwork } from '../docker/create-network.ts';
import { removeContainers } from '../docker/remove-containers.ts';
import { startContainer } from '../n3xus/start-stop.ts';
import { findFreePort } from '../process/free-port.ts';
import { poll } from '../process/poll.ts';
import type { Say } from '../say.ts';
import { ensureSmallImages, type SmallImages, type SmallRelease } from './images.ts';
import { type Blueprint, NETWORK, OURS, requestsOf, type ServiceName, VOLUME } from './requests.ts';

/** Five containers in two tiers behind a gate, with one journal on a volume and one directory of settings. One an engine. */
export interface Small {
  readonly url: string;
  readonly port: number;
  /** Absolute: `conf/`, `control/`. */
  readonly directory: string;
  readonly images: SmallImages;
}

const LABEL = Object.entries(OURS).map(([name, value]) => `${name}=${value}`);

/** Brings the platform up at v1, and waits until it answers. @throws Error */
export async function bringUpSmall(engine: Docker, options: { directory: string; say: Say }): Promise<Small> {
  const directory = resolve(options.directory);
  const images = await ensureSmallImages(engine, options.say);
  const port = await findFreePort();
  mkdirSync(join(directory, 'control'), { recursive: true, mode: 0o755 });
  await createNetwork(engine, { Name: NETWORK, Labels: OURS });
  const small = { url: `http://127.0.0.1:${port}`, port, directory, images };
  await engine.createVolume({ Name: VOLUME, Labels: OURS });
  await deploySmall(engine, small, { to: 'v1' });
  return small;
}

export interface SmallDeploy {
  readonly to: SmallRelease;
  readonly faults?: Blueprint['faults'];
  /** Without it a release that cannot answer is left alone. */
  readonly answers?: boolean;
}

/** Makes every container anew at a release: whatever a run left is removed, the data stays. */
export async function deploySmall(
  engine: Docker,
  small: Small,
  { to, faults, answers = true }: SmallDeploy,
): Promise<void> {
  await removeOurs(engine);
  writeConf(small, to);
  const requests = requestsOf({ ...small, release: to, ...(faults === undefined ? {} : { faults }) });
  await Promise.all(
    requests.map(async request => {
      await engine.createContainer(request);
      await startContainer(engine, request.name as string);
    }),
  );
  if (answers) await awaitAnswer(small, to);
}

export const awaitAnswer = (small: Small, release: SmallRelease): Promise<unknown> =>
  poll({ what: `the small platform to answer as ${release}`, deadlineMs: 30_000, everyMs: 50 }, async () => {
    const answer = await fetch(`${small.url}/cgi-bin/ask?read`, { signal: AbortSignal.timeout(3_000) });
    return answer.ok && (await answer.text()).includes(`store@${release}`);
  });

/** What one service does wrong from now on, in whichever release; empty ends it. Read at every question and start. */
export function setFault({ directory }: Pick<Small, 'directory'>, service: ServiceName, faults: string): void {
  writeFileSync(join(directory, 'control', service), faults);
}

export function clearFaults({ directory }: Pick<Small, 'directory'>): void {
  rmSync(join(directory, 'control'), { recursive: true, force: true });
  mkdirSync(join(directory, 'control'), { mode: 0o755 });
}

function writeConf({ directory }: Small, release: SmallRelease): void {
  rmSync(join(directory, 'conf'), { recursive: true, force: true });
  mkdirSync(join(directory, 'conf'), { mode: 0o755 });
  writeFileSync(join(directory, 'conf', 'version'), release);
  writeFileSync(join(directory, 'conf', 'limits'), release === 'v1' ? 'connections 10\n' : 'connections 20\n');
}

async function removeOurs(engine: Docker): Promise<void> {
  const ours = await engine.listContainers({ all: true, filters: { label: LABEL } });
  await removeContainers(engine, ours);
}
