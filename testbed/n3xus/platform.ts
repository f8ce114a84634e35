import { mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type Docker from 'dockerode';
import { removeContainers } from '../docker/remove-containers.ts';
import { findFreePort } from '../process/free-port.ts';
import { poll } from '../process/poll.ts';
import type { Say } from '../say.ts';
import { type Blueprint, containerRequests, NETWORK, VOLUMES } from './container-request.ts';
import { awaitHealthy } from './health.ts';
import type { PlatformImages } from './images.ts';
import { makeNetwork } from './network.ts';
import { writeNginxConfig } from './nginx-config.ts';
import { findOrNothing, findOurs, isOurs, OURS } from './ownership.ts';
import { PG_PASSWORD, PROBE_TOKEN, type Release } from './releases.ts';
import { SERVICES } from './service/directory.ts';
import { startContainer } from './start-stop.ts';

/** A running N3XUS platform. One at a time stands on an engine: its containers have the runbook's names. */
export interface Platform {
  /** Of the ingress, on loopback. */
  readonly url: string;
  readonly port: number;
  /** Absolute. Holds `nginx/` (the ingress's configuration), `control/faults` and `secrets/`. */
  readonly directory: string;
  readonly images: PlatformImages;
  readonly subnet: string;
  /** The Docker Compose project that its containers belong to. */
  readonly project?: string;
  /** Files, as a plan's `${file:…}` names them. */
  readonly secrets: { readonly postgres: string; readonly probeToken: string };
}

export interface BringUp {
  readonly release: Release;
  readonly images: PlatformImages;
  /** On the engine's own machine. */
  readonly directory: string;
  readonly say: Say;
  /** As `parseFaults` reads them. */
  readonly faults?: string;
  /** Labels the containers as a Docker Compose project's. */
  readonly project?: string;
  /** How long all may take to become healthy. */
  readonly healthyWithinMs?: number;
}

/**
 * Brings the whole platform up, and waits until every service is healthy.
 * @throws Error when a name is taken by something that is not ours (nothing is touched then), or not all became
 * healthy (then what was made stays to be looked at, until `tearDown`)
 */
export async function bringUp(engine: Docker, options: BringUp): Promise<Platform> {
  await refuseStrangers(engine);
  const { release, images, say, project } = options;
  const directory = resolve(options.directory);
  mkdirSync(join(directory, 'secrets'), { recursive: true, mode: 0o700 });
  mkdirSync(join(directory, 'control'), { recursive: true, mode: 0o755 });
  const secrets = {
    postgres: writeSecret(directory, 'postgres', PG_PASSWORD),
    probeToken: writeSecret(directory, 'probe-token', PROBE_TOKEN),
  };
  setFaults({ directory }, '');
  writeNginxConfig(join(directory, 'nginx'), release);

  const subnet = await makeNetwork(engine);
  await Promise.all(VOLUMES.map(Name => engine.createVolume({ Name, Labels: OURS })));
  const port = await findFreePort();
  const blueprint: Blueprint = { images, release, faults: options.faults ?? '', directory, port, subnet, project };
  const began = performance.now();
  await Promise.all(
    containerRequests(blueprint).map(async request => {
      await engine.createContainer(request);
      await startContainer(engine, request.name!);
    }),
  );
  say(`${SERVICES.length + 1} containers created and started in ${seconds(began)}`);
  const url = `http://127.0.0.1:${port}`;
  const named = project === undefined ? {} : { project };
  const platform: Platform = { url, port, directory, images, subnet, secrets, ...named };
  await awaitHealthy(platform, { withinMs: options.healthyWithinMs ?? 60_000, faults: blueprint.faults });
  say(`the platform is healthy at ${release} after ${seconds(began)}: ${platform.url}`);
  return platform;
}

/** Removes the platform with its data: what carries the testbed's label, and nothing else. Safe when half is gone. */
export async function tearDown(engine: Docker): Promise<void> {
  await removeContainers(engine, await findOurs(engine));
  await Promise.all(
    VOLUMES.map(async name => {
      const volume = engine.getVolume(name);
      if (isOurs(await findOrNothing(volume.inspect()))) await volume.remove({ force: true });
    }),
  );
  const network = engine.getNetwork(NETWORK);
  if (!isOurs(await findOrNothing(network.inspect()))) return;
  // The engine counts whoever left a moment later.
  await poll({ what: `network ${NETWORK} to be removed`, deadlineMs: 10_000 }, async () => {
    await network.remove();
    return true;
  });
}

/** Tells services what to do wrong from now on (within 0.5 s, and at every start), without touching a container. */
export function setFaults({ directory }: Pick<Platform, 'directory'>, faults: string): void {
  writeFileSync(join(directory, 'control', 'faults'), faults, { mode: 0o644 });
}

async function refuseStrangers(engine: Docker): Promise<void> {
  const names = new Set([...SERVICES.map(({ name }) => name), 'nginx']);
  const taken = (await engine.listContainers({ all: true }))
    .flatMap(({ Names }) => Names.map(name => name.slice(1)))
    .filter(name => names.has(name));
  const volumes = await Promise.all(VOLUMES.map(name => findOrNothing(engine.getVolume(name).inspect())));
  taken.push(...VOLUMES.filter((_, at) => volumes[at] !== undefined && !isOurs(volumes[at])));
  if (taken.length > 0)
    throw new Error(
      `the engine has ${taken.join(', ')} already: nothing was touched; remove them, or use another engine`,
    );
}

function writeSecret(directory: string, name: string, value: string): string {
  const path = join(directory, 'secrets', name);
  writeFileSync(path, value, { mode: 0o600 });
  return path;
}

const seconds = (began: number): string => `${((performance.now() - began) / 1000).toFixed(1)} s`;
