import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type Docker from 'dockerode';
import { COMPOSE_TIERS, type ComposeService, composeFile } from '../../../testbed/odd/compose-file.ts';
import { ensureOddImages, type OddRelease } from '../../../testbed/odd/images.ts';
import { findFreePort } from '../../../testbed/process/free-port.ts';
import type { Ground } from '../../platforms/ground.ts';
import type { Compose } from '../../support/compose.ts';

const PROJECT = 'odd';

/** A compose project in a directory of its own, brought up by docker-compose itself. */
export interface Project {
  readonly url: string;
  readonly file: string;
  /** Service -> the name of its container. */
  names(): Promise<ReadonlyMap<ComposeService, string>>;
  /** Service -> the id of its container. */
  ids(): Promise<ReadonlyMap<ComposeService, string>>;
  /** Service -> all that docker-compose wrote on it. */
  labels(): Promise<ReadonlyMap<ComposeService, Readonly<Record<string, string>>>>;
  /** Puts a release's file on disk, and nothing else. */
  write(release: OddRelease): void;
  /** What goes wrong with a service that reads it: `v1:no-start`, or nothing. */
  fault(service: 'vault', what: string): void;
  up(...more: string[]): Promise<unknown>;
}

export async function makeProject(ground: Ground, compose: Compose): Promise<Project> {
  const engine = ground.engine.client;
  const directory = join(ground.directory, 'project');
  for (const bound of ['bind', 'control']) mkdirSync(join(directory, bound), { recursive: true });
  const file = join(directory, 'docker-compose.yml');
  const images = await ensureOddImages(engine, () => undefined);
  const ports = { gate: await findFreePort(), fixed: await findFreePort() };
  const prefix =
    /^\d+\.\d+\./.exec((await engine.getNetwork('bridge').inspect()).IPAM?.Config?.[0]?.Subnet ?? '')?.[0] ?? '';
  const live = async () => {
    const all = await engine.listContainers({
      all: true,
      filters: { label: [`com.docker.compose.project=${PROJECT}`] },
    });
    const named = all.map(one => ({ ...one, name: (one.Names[0] ?? '').replace(/^\//, '') }));
    return named.filter(({ name }) => !name.includes('.lg-'));
  };
  const byService = async <T>(of: (one: Docker.ContainerInfo & { name: string }) => T) =>
    new Map(
      (await live())
        .map(one => [one.Labels['com.docker.compose.service'] as ComposeService, of(one)] as const)
        .sort(([a], [b]) => (a < b ? -1 : 1)),
    );
  return {
    url: `http://127.0.0.1:${ports.gate}/version`,
    file,
    names: () => byService(({ name }) => name),
    ids: () => byService(({ Id }) => Id),
    labels: () =>
      byService(({ Labels }) =>
        Object.fromEntries(Object.entries(Labels).filter(([key]) => key.startsWith('com.docker.compose.'))),
      ),
    fault: (service, what) => writeFileSync(join(directory, 'control', service), what),
    write: release => writeFileSync(file, composeFile({ images, release, prefix, ports })),
    up: (...more) =>
      compose.run(
        ['--file', file, '--project-name', PROJECT, 'up', '--detach', '--timeout', '3', ...more],
        ground.engine,
      ),
  };
}

/** Its plan's parts: containers by the names that docker-compose gave them. */
export async function partsOf(project: Project) {
  const names = await project.names();
  const of = (service: ComposeService): string => names.get(service) ?? '';
  return {
    tiers: Object.fromEntries(
      Object.entries(COMPOSE_TIERS).map(([service, tier]) => [of(service as ComposeService), tier]),
    ),
    gate: of('gate'),
    accepted: [of('hub')],
    probed: [of('hub')],
    store: `${PROJECT}_named`,
  };
}
