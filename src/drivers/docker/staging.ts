import { seconds } from '../../plan/duration.ts';
import type { ContainerTarget } from '../../plan/plan.ts';
import type { Call, Changed, Look, Made } from '../contract.ts';
import { DriverError } from '../errors.ts';
import { type Tally, tally } from '../tally.ts';
import type { DockerClient } from './client.ts';
import { ensureImage } from './images.ts';
import { findContainer, findImage, getContainer, type Inspection, shortId } from './inspection.ts';
import type { Json, JsonObject } from './json.ts';
import { sameJson } from './json.ts';
import { LABEL } from './labels.ts';
import { anonymousVolumes } from './mounts.ts';
import { isBorrowed, networksOf } from './networks.ts';
import { namesOf, standing, taken } from './own.ts';
import { byIds, refersTo } from './providers.ts';
import type { RecordedContainer } from './recorded-container.ts';
import { isUp, stopContainer } from './stopping.ts';

/** What a staged container gets that should never have run. */
const STARTED_GRACE = seconds(5);

/** Makes the release's container beside the live one, under its staging name: never started, raised by no policy. */
export async function stageContainer(
  client: DockerClient,
  target: ContainerTarget,
  recorded: RecordedContainer,
  call: Call,
): Promise<Made> {
  const live = await getContainer(client, target.container, call);
  const name = namesOf(target, call.run).staged;
  const effects = tally(call);
  await ensureImage(client, recorded.image, effects, call);
  const providers = await byIds(client, recorded.request, call.run, call);
  const labels = { [LABEL.run]: call.run, [LABEL.target]: target.id, [LABEL.replaces]: live.Id };
  const body = await createBody(client, recorded, { labels, live, providers }, call);
  const identity = await effects.effect({
    name: 'create',
    isDone: async () => {
      const { staged, replaces } = await standing(client, target, call);
      if (staged === undefined) return undefined;
      if (replaces !== live.Id || staged.Image !== recorded.image.id)
        throw taken(name, staged, `made to replace ${shortId(replaces ?? '')}, and live now is ${shortId(live.Id)}`);
      if (!refersTo(staged, providers)) throw taken(name, staged, 'made against another container than it needs now');
      return staged.Id;
    },
    act: signal => create(client, name, recorded, body, signal),
  });
  call.progress({ current: name });
  await joinNetworks(client, name, recorded, effects, call);
  return { ...effects.report(`staged as ${name}`, `already staged as ${name}`), identity };
}

export const create = (
  client: DockerClient,
  name: string,
  recorded: RecordedContainer,
  body: object,
  signal: AbortSignal,
): Promise<void> =>
  withoutSecrets(`engine ${client.address}: create ${name}`, recorded, () =>
    client.ask(`create ${name}`, signal, docker => docker.createContainer({ _query: { name }, _body: body } as object)),
  );

export interface Surrounded {
  /** Lastgood's own. */
  readonly labels: Readonly<Record<string, string>>;
  /** Whose own volumes are the data. */
  readonly live: Inspection | undefined;
  /** As `byIds` gives them. */
  readonly providers: JsonObject;
}

/** What an engine is asked for: the recorded request, never raised by a policy. */
export async function createBody(
  client: DockerClient,
  { image, request }: RecordedContainer,
  { labels, live, providers }: Surrounded,
  call: Call,
) {
  const mode = request.hostConfig['NetworkMode'] as string;
  const first = request.networks[mode];
  return {
    ...request.config,
    Image: await nameForPeople(client, image, call),
    Labels: {
      ...(request.config['Labels'] as object | undefined),
      ...labels,
    },
    HostConfig: {
      ...request.hostConfig,
      ...providers,
      RestartPolicy: { Name: 'no' },
      Mounts: [
        ...((request.hostConfig['Mounts'] ?? []) as Json[]),
        ...(await carriedOver(client, request, live, call)),
      ],
    },
    // Engines before 25 take one network at creation; the others are joined one by one.
    ...(first === undefined ? {} : { NetworkingConfig: { EndpointsConfig: { [mode]: first } } }),
  };
}

/** The tag where it still names this very image, for it is what people read in `docker ps`. */
async function nameForPeople(client: DockerClient, image: RecordedContainer['image'], look: Look): Promise<string> {
  for (const name of [image.name, ...image.digests])
    if (name !== '' && (await findImage(client, name, look))?.Id === image.id) return name;
  return image.id;
}

/** The live container's own volumes are the data; the recorded ones only where it has none at that place. */
async function carriedOver(
  client: DockerClient,
  request: RecordedContainer['request'],
  live: Inspection | undefined,
  look: Look,
): Promise<object[]> {
  const now = new Map(
    (live === undefined ? [] : anonymousVolumes(live)).map(({ destination, volume }) => [destination, volume]),
  );
  const mounts = request.anonymous.map(async ({ destination, volume, readOnly }) => {
    const carried = now.get(destination) ?? (await findVolume(client, volume, look));
    // None left: the engine makes a new one, as it did when the container was first made.
    return { Type: 'volume', Target: destination, ReadOnly: readOnly, ...(carried ? { Source: carried } : {}) };
  });
  return Promise.all(mounts);
}

const findVolume = async (client: DockerClient, name: string, look: Look): Promise<string | undefined> =>
  (await client.find(`inspect volume ${name}`, look.signal, docker => docker.getVolume(name).inspect()))?.Name;

/** Joins every recorded network that creation did not, and leaves one that the container had been taken off. */
export async function joinNetworks(
  client: DockerClient,
  name: string,
  recorded: RecordedContainer,
  effects: Tally,
  call: Call,
) {
  const { networks, hostConfig } = recorded.request;
  if (isBorrowed(hostConfig['NetworkMode'] as string)) return;
  const joined = async () => networksOf(await getContainer(client, name, call));
  for (const [network, endpoint] of Object.entries(networks)) {
    await effects.effect({
      name: `join-${network}`,
      isDone: async () => {
        const now = (await joined())[network];
        return (now !== undefined && sameJson(now, endpoint)) || undefined;
      },
      act: async signal => {
        await client.ask(`connect ${name} to network ${network}`, signal, docker =>
          docker.getNetwork(network).connect({ Container: name, EndpointConfig: endpoint } as object),
        );
      },
    });
  }
  for (const network of Object.keys(await joined()).filter(given => networks[given] === undefined)) {
    await effects.effect({
      name: `leave-${network}`,
      isDone: async () => (await joined())[network] === undefined || undefined,
      act: async signal => {
        await client.ask(`disconnect ${name} from network ${network}`, signal, docker =>
          docker.getNetwork(network).disconnect({ Container: name } as object),
        );
      },
    });
  }
}

/**
 * Removes what this run staged. Its volumes stay: they are the live container's. One that somebody started is stopped
 * first: it is no release yet, and would go on answering beside the live one, under the same aliases.
 */
export async function dropStaged(client: DockerClient, target: ContainerTarget, call: Call): Promise<Changed> {
  const name = namesOf(target, call.run).staged;
  const { staged } = await standing(client, target, call);
  const effects = tally(call);
  if (staged === undefined) {
    const besides = await whatBecameOfIt(client, target, call);
    return { ...effects.report('', 'nothing was staged'), ...(besides === undefined ? {} : { besides }) };
  }
  const started = isUp(staged);
  if (started)
    await stopContainer(client, { container: name, grace: STARTED_GRACE, hard: true, only: staged.Id }, call);
  await removeContainer(client, { id: staged.Id, name }, effects, call);
  const how = started ? `${name} was started by somebody: it was stopped and dropped` : `dropped ${name}`;
  return effects.report(how, 'nothing was staged');
}

/** One that somebody renamed is somebody's now: it is left, and named. That it cannot be told keeps nothing from being dropped. */
async function whatBecameOfIt(client: DockerClient, target: ContainerTarget, call: Call): Promise<string | undefined> {
  const label = [`${LABEL.run}=${call.run}`, `${LABEL.target}=${target.id}`];
  const all = await client
    .ask(`list what run ${call.run} made`, call.signal, docker =>
      docker.listContainers({ all: true, filters: { label } }),
    )
    .catch(() => []);
  const names = all.flatMap(({ Names }) => Names.map(name => name.slice(1))).filter(name => name !== target.container);
  return names.length === 0
    ? undefined
    : `what this run made of it was renamed to ${names.join(', ')} by somebody, and is left: remove it by hand`;
}

/** Removes one stopped container and never a volume. */
export async function removeContainer(
  client: DockerClient,
  of: { readonly id: string; readonly name: string },
  effects: Tally,
  call: Call,
): Promise<void> {
  await effects.effect({
    name: 'remove',
    isDone: async () => (await findContainer(client, of.id, call)) === undefined || undefined,
    act: async signal => {
      await client.ask(`remove ${of.name}`, signal, docker =>
        docker.getContainer(of.id).remove({ v: false, force: false }),
      );
    },
  });
}

/** Engines quote what they refuse; a quoted environment may be a password. */
async function withoutSecrets(what: string, recorded: RecordedContainer, act: () => Promise<unknown>): Promise<void> {
  try {
    await act();
  } catch (failure) {
    const values = ((recorded.request.config['Env'] ?? []) as string[]).map(entry =>
      entry.slice(entry.indexOf('=') + 1),
    );
    const quotes =
      failure instanceof DriverError && values.some(value => value.length >= 4 && failure.message.includes(value));
    if (!quotes) throw failure;
    throw new DriverError(failure.kind, `${what}: the engine refused it (its answer quotes a setting)`);
  }
}
