import { appendFileSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type Docker from 'dockerode';
import { outgoingName, type RunId, stagedName } from '../../../src/plan/ids.ts';
import { createNetwork } from '../../../testbed/docker/create-network.ts';
import { startContainer } from '../../../testbed/n3xus/start-stop.ts';
import { poll } from '../../../testbed/process/poll.ts';
import { runWell } from '../../../testbed/process/run.ts';
import { NETWORK, OURS, requestsOf, type ServiceName, VOLUME } from '../../../testbed/small/requests.ts';
import type { Stand } from '../../platforms/stand.ts';
import { type Stranger, takePort } from '../../platforms/stranger.ts';

/** The run that a hand is laid into, and where what it left behind is kept until the run is over. */
export interface Into {
  readonly stand: Stand;
  readonly run: string;
  readonly engine: Docker;
  /** What is to be taken away when the run is over. */
  readonly afterwards: (() => Promise<unknown>)[];
}

/** What somebody else does to a platform, or to what a run made, by the engine's own calls. */
export interface Hand {
  readonly name: string;
  /** Services whose containers it touches: what the engine says of those is not counted as the run's. */
  readonly touches: readonly string[];
  lay(into: Into): Promise<unknown>;
  /** What a person does about it, once asked. */
  mend?(into: Into): Promise<unknown>;
}

const staged = (service: string, { run }: Into): string => stagedName(service, run as RunId);
const outgoing = (service: string, { run }: Into): string => outgoingName(service, run as RunId);
/** As the newer release's file has it: whoever works from that knows nothing of a rollback. */
const requestOf = (service: ServiceName, { stand }: Into): Docker.ContainerCreateOptions =>
  requestsOf({ ...stand.small, release: 'v2' }).find(({ name }) => name === service) ?? {};
const unlessGone = (error: { statusCode?: number }): undefined => {
  if (error.statusCode !== 404) throw error;
};
const removed = (service: string, { engine }: Pick<Into, 'engine'>) =>
  engine.getContainer(service).remove({ force: true }).catch(unlessGone);

const makeAgain = async (service: ServiceName, into: Into): Promise<void> => {
  await removed(service, into);
  const { id } = await into.engine.createContainer(requestOf(service, into));
  await startContainer(into.engine, id);
};

/** What `docker-compose up` does to a service that differs from its file. */
async function composeUp(service: ServiceName, into: Into): Promise<void> {
  const { engine } = into;
  const old = await engine.getContainer(service).inspect();
  await engine
    .getContainer(old.Id)
    .stop({ t: 1 })
    .catch(() => undefined);
  await engine.getContainer(old.Id).rename({ name: `${old.Id.slice(0, 12)}_${service}` });
  const request = requestOf(service, into);
  const made = await engine.createContainer({
    ...request,
    Labels: { ...request.Labels, 'com.docker.compose.project': 'small', 'com.docker.compose.service': service },
  });
  await made.start();
  await engine.getContainer(old.Id).remove({ force: true });
}

const on = (name: string, touches: readonly string[], lay: Hand['lay'], mend?: Hand['mend']): Hand => ({
  name,
  touches,
  lay,
  ...(mend === undefined ? {} : { mend }),
});

/** On a service of the platform, whichever release has its name at that moment. */
export const ON_A_SERVICE = {
  restarted: on('a service restarted', ['work'], ({ engine }) => engine.getContainer('work').restart({ t: 1 })),
  madeAgain: on(
    'a service made again',
    ['work'],
    into => makeAgain('work', into),
    into => removed('work', into),
  ),
  composeUp: on(
    'docker-compose up',
    ['work'],
    into => composeUp('work', into),
    into => removed('work', into),
  ),
  renamed: on(
    'a service renamed',
    ['work'],
    ({ engine }) => engine.getContainer('work').rename({ name: 'work.old' }),
    ({ engine }) => engine.getContainer('work.old').rename({ name: 'work' }).catch(unlessGone),
  ),
  policy: on('a service’s restart policy set', ['work'], ({ engine }) =>
    engine.getContainer('work').update({ RestartPolicy: { Name: 'unless-stopped' } }),
  ),
  limits: on(
    'a service’s limits set',
    ['work'],
    ({ engine }) => engine.getContainer('work').update({ CpuShares: 333 }),
    ({ engine }) => engine.getContainer('work').update({ CpuShares: 0 }),
  ),
  paused: on('a service paused', ['work'], ({ engine }) => engine.getContainer('work').pause()),
  deleted: on('a service deleted', ['work'], into => removed('work', into)),
  raised: on(
    'a service’s policy set back to always, and the engine restarted',
    ['work'],
    async ({ engine, stand }) => {
      await engine.getContainer('work').update({ RestartPolicy: { Name: 'always' } });
      await stand.engine.kill();
      await stand.engine.start();
      await poll({ what: 'the engine to have started it', deadlineMs: 30_000 }, async () => {
        const { State } = await engine.getContainer('work').inspect();
        return State.Running;
      });
    },
    async ({ engine }) => {
      await engine.getContainer('work').update({ RestartPolicy: { Name: 'no' } });
      await engine.getContainer('work').stop({ t: 1 });
    },
  ),
  execd: on('a shell in a service', [], async ({ engine }) => {
    const exec = await engine.getContainer('work').exec({ Cmd: ['sleep', '300'] });
    (await exec.start({ Detach: true })).destroy();
  }),
} satisfies Record<string, Hand>;

/** On the way in. */
export const ON_THE_GATE = {
  gateStarted: on('the gate started', ['gate'], ({ engine }) => startContainer(engine, 'gate')),
  gateMadeAgain: on(
    'the gate made again',
    ['gate'],
    into => makeAgain('gate', into),
    into => removed('gate', into),
  ),
  portTaken: on(
    'the gate’s port taken',
    [],
    async into => {
      taken.set(into, await takePort(into.stand.small.port));
      into.afterwards.push(() => leave(into));
    },
    leave,
  ),
} satisfies Record<string, Hand>;

const taken = new WeakMap<Into, Stranger>();
async function leave(into: Into): Promise<void> {
  await taken.get(into)?.leave();
  taken.delete(into);
}

/** On what the run itself made, and what it keeps. */
export const ON_OUR_OWN = {
  stagedStarted: on('a staged container started', ['work'], into =>
    into.engine.getContainer(staged('work', into)).start(),
  ),
  stagedRenamed: on(
    'a staged container renamed',
    ['work'],
    into => into.engine.getContainer(staged('work', into)).rename({ name: 'work.theirs' }),
    into =>
      into.engine
        .getContainer('work.theirs')
        .rename({ name: staged('work', into) })
        .catch(unlessGone),
  ),
  stagedDeleted: on('a staged container deleted', ['work'], into => removed(staged('work', into), into)),
  stagedChanged: on('a staged container changed', ['work'], into =>
    into.engine.getContainer(staged('work', into)).update({ CpuShares: 333 }),
  ),
  stagedFileTouched: on('a staged file touched', [], into => touchIn(into, 'staged')),
  outgoingDeleted: on('an outgoing container deleted', ['work'], into => removed(outgoing('work', into), into)),
  outgoingStarted: on(
    'an outgoing container started',
    ['work'],
    into => into.engine.getContainer(outgoing('work', into)).start(),
    into =>
      into.engine
        .getContainer(outgoing('work', into))
        .stop({ t: 1 })
        .catch(() => undefined),
  ),
  outgoingRaised: on(
    'an outgoing container’s policy set back to always',
    ['work'],
    into => into.engine.getContainer(outgoing('work', into)).update({ RestartPolicy: { Name: 'always' } }),
    into => into.engine.getContainer(outgoing('work', into)).update({ RestartPolicy: { Name: 'no' } }),
  ),
  outgoingFileTouched: on(
    'an outgoing file touched',
    [],
    into => touchIn(into, 'outgoing'),
    into => {
      const file = join(room(into, 'outgoing'), firstIn(into, 'outgoing'));
      writeFileSync(file, readFileSync(file, 'utf8').replace(TOUCH, ''));
      rmSync(join(room(into, 'outgoing'), '..', 'set-aside'));
      return Promise.resolve();
    },
  ),
  outgoingFilesGone: on('outgoing files removed', [], into => {
    rmSync(room(into, 'outgoing'), { recursive: true, force: true });
    return Promise.resolve();
  }),
  claimDeleted: on('the claim deleted', [], ({ engine, stand }) =>
    engine.getContainer(`lastgood-claim-${stand.platform}`).remove({ force: true }),
  ),
  claimReplaced: on('the claim replaced', [], async ({ engine, stand, afterwards }) => {
    afterwards.push(() => removed(`lastgood-claim-${stand.platform}`, { engine }));
    const claim = engine.getContainer(`lastgood-claim-${stand.platform}`);
    const { Config } = await claim.inspect();
    await claim.remove({ force: true });
    await engine.createContainer({
      name: `lastgood-claim-${stand.platform}`,
      Image: Config.Image,
      Cmd: Config.Cmd,
      Labels: { ...Config.Labels, 'lastgood.run': 'somebody-elses-run' },
    });
  }),
  pruned: on('stopped containers pruned', ['store', 'cache', 'work', 'front', 'gate'], ({ engine }) =>
    engine.pruneContainers(),
  ),
} satisfies Record<string, Hand>;

/** Around the platform. */
export const AROUND = {
  settingsSaved: on('a file of settings saved', [], ({ stand }) => {
    appendFileSync(join(stand.small.directory, 'conf', 'limits'), TOUCH);
    return Promise.resolve();
  }),
  imageRemoved: on('the release’s image removed by force', [], async ({ engine, stand, afterwards }) => {
    const { Id, RepoTags } = await engine.getImage(stand.small.images.v1).inspect();
    afterwards.push(async () => {
      await runWell('docker', ['-H', stand.engine.socket, 'load', '-i', savedRelease(stand)], { deadlineMs: 60_000 });
      for (const tag of RepoTags) await tagAgain(engine, Id, tag);
    });
    await engine.getImage(Id).remove({ force: true });
  }),
  imageUntagged: on('the release’s image untagged', [], async ({ engine, stand, afterwards }) => {
    const { Id, RepoTags } = await engine.getImage(stand.small.images.v1).inspect();
    afterwards.push(() => tagAgain(engine, Id, stand.small.images.v1));
    for (const tag of RepoTags.slice(0, -1)) await engine.getImage(tag).remove();
  }),
  writerStarted: on(
    'a stranger that can write the store',
    ['stranger'],
    async into => {
      const made = await into.engine.createContainer({
        name: 'stranger',
        Image: into.stand.small.images.v2,
        Cmd: ['sleep', '300'],
        Labels: OURS,
        HostConfig: { Binds: [`${VOLUME}:/theirs`], NetworkMode: 'none' },
      });
      await made.start();
    },
    into => removed('stranger', into),
  ),
  networkRemoved: on('a network removed', [], async ({ engine, afterwards }) => {
    await engine.getNetwork(NETWORK).remove();
    afterwards.push(() => createNetwork(engine, { Name: NETWORK, Labels: OURS }));
  }),
} satisfies Record<string, Hand>;

const tagAgain = (engine: Docker, id: string, tag: string): Promise<unknown> => {
  const [repo = '', name = ''] = tag.split(':');
  return engine.getImage(id).tag({ repo, tag: name });
};

const room = ({ stand, run }: Into, part: 'staged' | 'outgoing'): string =>
  join(stand.small.directory, 'conf', '.lastgood', run, part);

const TOUCH = 'touched\n';
const firstIn = (into: Into, part: 'staged' | 'outgoing'): string => readdirSync(room(into, part)).sort()[0] ?? '';

function touchIn(into: Into, part: 'staged' | 'outgoing'): Promise<void> {
  appendFileSync(join(room(into, part), firstIn(into, part)), TOUCH);
  return Promise.resolve();
}

/** The release's image as a file, saved before any hand was laid on it. */
export const savedRelease = ({ directory }: Pick<Stand, 'directory'>): string => join(directory, 'v1.tar');
