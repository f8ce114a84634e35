import { join } from 'node:path';
import type Docker from 'dockerode';
import type { Say } from '../say.ts';
import { type Blueprint, containerRequests } from './container-request.ts';
import { awaitHealthy } from './health.ts';
import { writeNginxConfig } from './nginx-config.ts';
import type { Platform } from './platform.ts';
import type { Release } from './releases.ts';
import { SERVICES } from './service/directory.ts';
import { startContainer, stopContainer } from './start-stop.ts';

export interface Deploy {
  readonly to: Release;
  readonly say: Say;
  /** As `parseFaults` reads them. */
  readonly faults?: string;
  /** Called once the ingress is shut, while everything behind it still runs. */
  readonly whileShut?: () => Promise<void>;
  /** Called once the ingress is shut and every service and store is stopped, before anything is removed. */
  readonly whileStopped?: () => Promise<void>;
  /** How long those without a fatal fault may take to become healthy. */
  readonly healthyWithinMs?: number;
}

const TIERS_TOP_DOWN = [4, 3, 2, 1, 0] as const;

/**
 * Deploys a release as a real pipeline does: ingress shut, tiers down from the top, every container but the stores'
 * removed and made again with its new image, environment and configuration, tiers up from the bottom, ingress open.
 * @throws Error when those that could be healthy are not; the release is then deployed all the same
 */
export async function deploy(engine: Docker, platform: Platform, options: Deploy): Promise<void> {
  const { to, say } = options;
  const began = performance.now();
  const faults = options.faults ?? '';
  await stopContainer(engine, 'nginx');
  await options.whileShut?.();
  for (const tier of TIERS_TOP_DOWN) await Promise.all(inTier(tier).map(name => stopContainer(engine, name)));
  await options.whileStopped?.();

  const blueprint: Blueprint = {
    images: platform.images,
    release: to,
    faults,
    directory: platform.directory,
    port: platform.port,
    subnet: platform.subnet,
    project: platform.project,
  };
  const requests = new Map(containerRequests(blueprint).map(request => [request.name!, request]));
  writeNginxConfig(join(platform.directory, 'nginx'), to);
  const remake = async (name: string) => {
    if (name !== 'postgres' && name !== 'redis') {
      await engine.getContainer(name).remove({ v: true });
      await engine.createContainer(requests.get(name)!);
    }
    await startContainer(engine, name);
  };
  for (const tier of TIERS_TOP_DOWN.toReversed()) await Promise.all(inTier(tier).map(remake));
  await remake('nginx');
  say(
    `${to} deployed in ${((performance.now() - began) / 1000).toFixed(1)} s${faults === '' ? '' : ` with ${faults}`}`,
  );
  await awaitHealthy(platform, { withinMs: options.healthyWithinMs ?? 60_000, faults });
}

const inTier = (tier: number): string[] => SERVICES.filter(service => service.tier === tier).map(({ name }) => name);
