import { type EngineId, type PlatformName, parseName, type RunId } from '../../plan/ids.ts';
import type { Engine, Look, Owner } from '../contract.ts';
import { DriverError } from '../errors.ts';
import { ensureClaimImage } from './claim-image.ts';
import type { DockerClient } from './client.ts';
import { CLAIM_IMAGE, claimName, LABEL } from './labels.ts';

interface Claim extends Owner {
  readonly id: string;
}

/**
 * Who this engine is, and who may change a platform on it now. The claim is a never-started container named for the
 * platform: creating it by name is the compare-and-set, for an engine lets one container have a name. Whoever removes
 * stopped containers by hand (`docker container prune`) removes the claim too; the journal still knows the run.
 */
export function createDockerEngine(client: DockerClient): Engine {
  let asked: Promise<EngineId> | undefined;

  /** Engines before 23 take their id from a file of the machine, so that two on one machine share it: the data root tells them apart. */
  async function ask(signal: AbortSignal): Promise<EngineId> {
    const info: { ID: string; DockerRootDir: string } = await client.ask('identify', signal, docker => docker.info());
    return `${info.ID}@${info.DockerRootDir}` as EngineId;
  }

  async function readClaim(platform: PlatformName, look: Look): Promise<Claim | undefined> {
    const name = claimName(platform);
    const found = await client.find(`inspect ${name}`, look.signal, docker => docker.getContainer(name).inspect());
    if (found === undefined) return undefined;
    const { [LABEL.run]: run, [LABEL.fence]: fence, [LABEL.platform]: of } = found.Config.Labels;
    if (run === undefined || of !== platform || !/^\d+$/.test(fence ?? ''))
      throw new DriverError(
        'conflict',
        `engine ${client.address}: container ${name} is in the place of a claim and is none (labels are missing)`,
        { next: `Look at it with docker inspect ${name}; remove it if nobody needs it.` },
      );
    return { id: found.Id, platform, run: run as RunId, fence: Number(fence) };
  }

  const held = (by: Owner, wanted: Owner) =>
    new DriverError(
      'conflict',
      `engine ${client.address}: platform ${by.platform} is claimed by run ${by.run} (fence ${by.fence}); ` +
        `run ${wanted.run} (fence ${wanted.fence}) may not have it`,
      { next: `Wait for run ${by.run}, or take it over: lastgood run ${by.platform} --take-over ${by.run}` },
    );

  const remove = (claim: Claim, look: Look) =>
    client.ask(`remove the claim of run ${claim.run}`, look.signal, docker => docker.getContainer(claim.id).remove());

  async function create(owner: Owner, look: Look): Promise<void> {
    await ensureClaimImage(client, look.signal);
    const labels = { [LABEL.platform]: owner.platform, [LABEL.run]: owner.run, [LABEL.fence]: String(owner.fence) };
    const body = { Image: CLAIM_IMAGE, Cmd: ['/claim'], Labels: labels, HostConfig: { NetworkMode: 'none' } };
    const call = `claim platform ${owner.platform}`;
    await client.ask(call, look.signal, docker =>
      docker.createContainer({ _query: { name: claimName(owner.platform) }, _body: body } as object),
    );
  }

  /** The claim that stands after a create that was refused, unanswered or lost: ours, or somebody's. */
  async function claimOrConflict(owner: Owner, look: Look): Promise<void> {
    try {
      await create(owner, look);
    } catch (failure) {
      if (look.signal.aborted) throw failure;
      const now = await readClaim(owner.platform, look);
      if (now === undefined) throw failure;
      if (!isSame(now, owner)) throw held(now, owner);
    }
  }

  return {
    async identify(look) {
      // One question serves all who ask meanwhile; it is theirs only while it is under way, for an engine may be replaced.
      asked ??= ask(AbortSignal.timeout(60_000)).finally(() => {
        asked = undefined;
      });
      return client.ask('identify', look.signal, () => asked as Promise<EngineId>);
    },
    async findOwner(platform, look) {
      const claim = await readClaim(platform, look);
      return claim && { platform: claim.platform, run: claim.run, fence: claim.fence };
    },
    async claim(owner, look, over) {
      parseName('platform', owner.platform);
      const now = await readClaim(owner.platform, look);
      if (now !== undefined) {
        if (isSame(now, owner)) return;
        const mayReplace = (now.run === owner.run || now.run === over) && owner.fence > now.fence;
        if (!mayReplace) throw held(now, owner);
        await remove(now, look).catch(failure => {
          // Someone else removed it first: whoever creates next has it.
          if (!(failure instanceof DriverError && (failure.kind === 'missing' || failure.kind === 'conflict')))
            throw failure;
        });
      }
      await claimOrConflict(owner, look);
    },
    async unclaim(owner, look) {
      const now = await readClaim(owner.platform, look);
      if (now === undefined || !isSame(now, owner)) return;
      await remove(now, look).catch(failure => {
        if (!(failure instanceof DriverError && failure.kind === 'missing')) throw failure;
      });
      const left = await readClaim(owner.platform, look);
      if (left !== undefined && isSame(left, owner))
        throw new DriverError(
          'unavailable',
          `engine ${client.address}: the claim of run ${owner.run} on ${owner.platform} was removed, and is still there`,
        );
    },
  };
}

const isSame = (a: Owner, b: Owner): boolean => a.run === b.run && a.fence === b.fence;
