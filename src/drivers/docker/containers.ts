import { canonicalJson } from '../../plan/canonical.ts';
import type { RunId } from '../../plan/ids.ts';
import type { ContainerTarget } from '../../plan/plan.ts';
import type { TargetState } from '../../plan/run-plan.ts';
import { useInWords } from '../../plan/use.ts';
import type { Driver, Evidence, Look, Recorded } from '../contract.ts';
import { DriverError } from '../errors.ts';
import { activityOf, formatPolicy } from './activity.ts';
import { faultsOfMaking } from './can-make.ts';
import type { DockerClient } from './client.ts';
import { composeFilesOf } from './compose.ts';
import { createDependants } from './dependants.ts';
import { unexpectedChanges } from './drift.ts';
import { canHaveImage, keepImage } from './images.ts';
import { findImage, getContainer, type ImageInspection, type Inspection, shortId } from './inspection.ts';
import { checkKept, checkStaged, isStagedUp, underLiveNames } from './keeping.ts';
import { findLenders, usesOf } from './lenders.ts';
import { writableVolumes } from './mounts.ts';
import { normaliseContainer } from './normalise.ts';
import { missingProviders } from './providers.ts';
import { type RecordedContainer, readRecordedContainer } from './recorded-container.ts';
import { remakeContainer } from './remaking.ts';
import { requestOf } from './request.ts';
import { dropStaged, stageContainer } from './staging.ts';
import { startContainer } from './starting.ts';
import { mustOutliveItsStop, stopContainer } from './stopping.ts';
import { settleContainer, swapContainerBack, swapContainerIn } from './swapping.ts';

export interface ContainerDriverOptions {
  readonly client: DockerClient;
  /** Keyed hash, so that a hash of settings tells nothing about a password in them. */
  readonly fingerprint: (text: string) => string;
  /** What a container of this name is to the plan: one that it puts back, or one that may be left behind. */
  readonly roleOf: (container: string) => 'target' | 'accepted' | undefined;
  /** Files and directories of the host that the plan puts back. Absent: none. */
  readonly files?: readonly string[];
}

type ContainerDriver = Driver<ContainerTarget> &
  Required<Pick<Driver<ContainerTarget>, 'retain' | 'canStage' | 'stage' | 'drop' | 'commits'>> &
  Required<Pick<Driver<ContainerTarget>, 'swapIn' | 'swapBack' | 'settle' | 'stop' | 'start'>>;

/** Containers of one engine. They are swapped by rename, while they are down. */
export function createContainerDriver({
  client,
  fingerprint,
  roleOf,
  files = [],
}: ContainerDriverOptions): ContainerDriver {
  const findDependants = createDependants(client);

  async function look(target: ContainerTarget, at: Look) {
    const found = await getContainer(client, target.container, at);
    const [image, lenders] = await Promise.all([findImage(client, found.Image, at), findLenders(client, found, at)]);
    at.progress({ current: target.container });
    const settings = fingerprint(canonicalJson(normaliseContainer(found, image?.Config ?? {}, lenders)));
    const uses = usesOf(found, lenders);
    const state = { ...stateOf(target, found, image, settings), ...(uses.length > 0 ? { uses } : {}) };
    return { found, image, lenders, state };
  }

  return {
    observe: async (target, at) => (await look(target, at)).state,

    async record(target, at): Promise<Recorded> {
      const { found, image, lenders, state } = await look(target, at);
      mustOutliveItsStop(found);
      if (image === undefined)
        throw new DriverError('missing', `image ${found.Image} of container ${target.container} is not on the engine`, {
          next: 'It was removed by force. Pull or load it again, then record.',
        });
      const compose = await composeFilesOf(found.Config.Labels);
      const body: RecordedContainer = {
        version: 1,
        image: { id: found.Image, name: found.Config.Image, digests: image.RepoDigests ?? [] },
        request: requestOf(found, image.Config, lenders),
        ...(compose.length > 0 ? { compose } : {}),
      };
      return { state, body };
    },

    retain: (_target, recorded, call) => keepImage(client, readRecordedContainer(recorded).image, call),

    async canStage(target, from, at): Promise<Evidence> {
      const live = await getContainer(client, target.container, at);
      const recorded = readRecordedContainer(from);
      const has = await canHaveImage(client, recorded.image, at);
      if (has.verdict !== 'passed') return has;
      const faults = [
        ...(recorded.request.hostConfig['AutoRemove'] === true ? [vanishing(target)] : []),
        ...(await dependantFaults(target, live, at)),
        ...(await missingProviders(client, recorded.request, name => roleOf(name) === 'target', at)),
        ...(await faultsOfMaking(client, recorded.request, files, at)),
        ...(target.acceptChanges ? [] : await driftFaults(target, live, at)),
      ];
      return faults.length > 0 ? { verdict: 'failed', reason: faults.join('; ') } : has;
    },
    stage: (target, from, call) => stageContainer(client, target, readRecordedContainer(from), call),
    checkStaged: (target, of, release, at) =>
      checkStaged(client, target, { of, release, settingsOf: found => settingsOfStaged(found, of, at) }, at),
    isStagedUp: (target, of, at) => isStagedUp(client, target, of, at),
    drop: (target, call) => dropStaged(client, target, call),

    commits: 'stopped',
    swapIn: (target, call) => swapContainerIn(client, target, call),
    swapBack: (target, call, was) => swapContainerBack(client, target, call, was),
    remake: (target, from, call) =>
      remakeContainer(client, target, { recorded: readRecordedContainer(from), id: from.state.identity }, call),
    checkKept: (target, of, at) => checkKept(client, target, of, at),
    settle: (target, call) => settleContainer(client, target, call),

    stop: ({ container, stop: { signal, grace } }, call, hard, only) =>
      stopContainer(client, { container, grace, hard, only, ...(signal === undefined ? {} : { signal }) }, call),
    start: (target, call, as, only) => startContainer(client, target.container, call, as, only),
  };

  async function settingsOfStaged(found: Inspection, of: RunId, at: Look): Promise<string> {
    const [image, lenders] = await Promise.all([findImage(client, found.Image, at), findLenders(client, found, at)]);
    return fingerprint(canonicalJson(normaliseContainer(found, image?.Config ?? {}, underLiveNames(lenders, of))));
  }

  async function dependantFaults(target: ContainerTarget, live: Inspection, at: Look): Promise<string[]> {
    const dependants = await findDependants(live, at);
    return dependants
      .filter(({ name }) => roleOf(name) === undefined)
      .map(
        ({ name, how }) =>
          `container ${name} ${useInWords({ container: target.container, how })} and would be left behind when that is made again: make it a target of the plan, or accept it there by name`,
      );
  }

  async function driftFaults(target: ContainerTarget, live: Inspection, at: Look): Promise<string[]> {
    const paths = await unexpectedChanges(client, live, target, at);
    if (paths.length === 0) return [];
    const shown = paths.slice(0, 5).join(', ') + (paths.length > 5 ? ` and ${paths.length - 5} more` : '');
    return [`${target.container} has changes in its writable layer that its image does not: ${shown}`];
  }
}

const vanishing = ({ container }: ContainerTarget): string =>
  `the release has ${container} removed as soon as it stops (--rm): choose another, or record one again that is created without --rm`;

/** What the engine says of a container that was created and never started. */
const NEVER = '0001-';

function stateOf(
  target: ContainerTarget,
  found: Inspection,
  image: ImageInspection | undefined,
  settings: string,
): TargetState {
  const version = image?.Config.Labels?.['org.opencontainers.image.version'];
  const label = /^sha256:/.test(found.Config.Image) ? shortId(found.Image) : found.Config.Image;
  return {
    target: target.id,
    identity: found.Id,
    version: found.Image,
    settings,
    activity: activityOf(found, Date.now()),
    restartPolicy: formatPolicy(found.HostConfig.RestartPolicy),
    restarts: found.RestartCount,
    ...(found.HostConfig.AutoRemove ? { removedOnceStopped: true } : {}),
    ...(found.State.StartedAt.startsWith(NEVER) ? {} : { started: found.State.StartedAt }),
    volumes: writableVolumes(found),
    label: version === undefined ? label : `${label} (${version})`,
  };
}
