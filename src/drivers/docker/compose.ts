import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { isAbsolute, join } from 'node:path';
import type { ContainerTarget, Plan } from '../../plan/plan.ts';
import type { Look, Recorded } from '../contract.ts';
import type { DockerClient } from './client.ts';
import { findContainer, findImage } from './inspection.ts';
import { lenderIn } from './lenders.ts';
import { type ComposeFile, readRecordedContainer } from './recorded-container.ts';

/** What docker-compose writes on what it makes, of any version. */
const COMPOSE = {
  project: 'com.docker.compose.project',
  service: 'com.docker.compose.service',
  directory: 'com.docker.compose.project.working_dir',
  files: 'com.docker.compose.project.config_files',
  hash: 'com.docker.compose.config-hash',
  version: 'com.docker.compose.version',
} as const;

type Labels = Readonly<Record<string, string>>;

/** The files that docker-compose made a container from, as they are on this host now; nothing of a container that it did not make. */
export async function composeFilesOf(labels: Labels): Promise<readonly ComposeFile[]> {
  const { [COMPOSE.directory]: directory, [COMPOSE.files]: files } = labels;
  if (directory === undefined || files === undefined) return [];
  // What it puts into them comes from `.env` too.
  const paths = [...files.split(','), '.env'].map(path => (isAbsolute(path) ? path : join(directory, path)));
  return Promise.all(paths.map(async path => ({ path, digest: await digestOf(path) })));
}

const digestOf = async (path: string): Promise<string> => {
  const bytes = await readFile(path).catch(() => undefined);
  return bytes === undefined ? '' : createHash('sha256').update(bytes).digest('hex');
};

interface Service {
  readonly project: string;
  readonly directory: string;
  readonly service: string;
  /** Files that are not what the release was recorded with, and that this plan does not put back. */
  readonly otherFiles: readonly string[];
  /** Whether what it would be made from now differs from what the release's was. */
  readonly moved: boolean;
  /** docker-compose 1 takes the id of a container whose memory is shared for a setting, and it is another once that is made again. */
  readonly countsIds: boolean;
  /** The image's name, where it names another image now. */
  readonly otherImage?: string;
}

export interface Put {
  readonly target: ContainerTarget;
  readonly from: Recorded;
}

/**
 * What `docker-compose up` would do to the release once it is back, one sentence each. Its own labels come back with the
 * containers, so with the release's own files it does nothing.
 */
export async function foretellCompose(
  client: DockerClient,
  plan: Pick<Plan, 'targets'>,
  put: readonly Put[],
  look: Look,
): Promise<string[]> {
  const replaced = new Set(put.map(({ target }) => target.container));
  const found = await Promise.all(put.map(one => serviceOf(client, plan, { ...one, replaced }, look)));
  const services = found.filter(service => service !== undefined);
  const projects = Map.groupBy(services, ({ project, directory }) => `${project} in ${directory}`);
  return [...projects].flatMap(([project, of]) => {
    const names = (these: readonly Service[]) =>
      these
        .map(({ service }) => service)
        .sort()
        .join(', ');
    const byFile = of.filter(({ otherFiles, moved, countsIds }) => otherFiles.length > 0 && moved && !countsIds);
    const byId = of.filter(({ countsIds }) => countsIds);
    const byImage = of.filter(({ otherImage }) => otherImage !== undefined);
    const files = [...new Set(byFile.flatMap(({ otherFiles }) => otherFiles))];
    return [
      ...(byFile.length === 0
        ? []
        : [
            `docker-compose up (${project}) would make ${names(byFile)} again: ${files.join(', ')} is not what the release was recorded with. Put it back first, or make it a files target of the plan`,
          ]),
      ...(byId.length === 0
        ? []
        : [
            `docker-compose up (${project}) would make ${names(byId)} again, whatever its file says: docker-compose 1 counts the id of the container whose memory is shared, which is another one once the run is over`,
          ]),
      ...(byImage.length === 0
        ? []
        : [
            `docker-compose up (${project}) would make ${names(byImage)} again: ${byImage.map(({ otherImage }) => otherImage).join(', ')} names another image now. Tag the release's again first`,
          ]),
      `until aftercare has settled, docker-compose (${project}) takes what the run set aside for further containers of ${names(of)}, and up would make these again: wait for it (lastgood watch)`,
    ];
  });
}

async function serviceOf(
  client: DockerClient,
  plan: Pick<Plan, 'targets'>,
  { target, from, replaced }: Put & { readonly replaced: ReadonlySet<string> },
  look: Look,
): Promise<Service | undefined> {
  const { request, image, compose = [] } = readRecordedContainer(from);
  const labels = (request.config['Labels'] ?? {}) as Labels;
  const { [COMPOSE.project]: project, [COMPOSE.service]: service, [COMPOSE.directory]: directory } = labels;
  if (project === undefined || service === undefined) return undefined;
  const live = await findContainer(client, target.container, look);
  const now = await Promise.all(
    compose.map(async ({ path, digest }) => ({ path, same: (await digestOf(path)) === digest })),
  );
  const named = image.name === '' ? undefined : await findImage(client, image.name, look);
  return {
    project,
    directory: directory ?? '',
    service,
    otherFiles: now.filter(({ path, same }) => !same && !isPutBack(plan, path)).map(({ path }) => path),
    countsIds:
      (labels[COMPOSE.version] ?? '').startsWith('1.') &&
      replaced.has(lenderIn(request.hostConfig['IpcMode'] as string) ?? ''),
    moved: live?.Config.Labels[COMPOSE.hash] !== labels[COMPOSE.hash],
    ...(named !== undefined && named.Id !== image.id ? { otherImage: image.name } : {}),
  };
}

const isPutBack = (plan: Pick<Plan, 'targets'>, file: string): boolean =>
  plan.targets.some(target => target.kind === 'files' && (file === target.path || file.startsWith(`${target.path}/`)));
