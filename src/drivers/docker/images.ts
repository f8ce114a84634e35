import { minutes } from '../../plan/duration.ts';
import type { Call, Changed, Evidence, Look } from '../contract.ts';
import { DriverError } from '../errors.ts';
import type { DockerClient } from './client.ts';
import { findImage, shortId } from './inspection.ts';
import { KEPT_IMAGES } from './labels.ts';
import type { RecordedImage } from './recorded-container.ts';
import { type Tally, tally } from './tally.ts';

const PULLED_WITHIN = minutes(30);

/** Keeps an image from being pruned by a tag of ours. @throws missing when the engine does not have it */
export async function keepImage(client: DockerClient, image: RecordedImage, call: Call): Promise<Changed> {
  const tag = shortId(image.id);
  const effects = tally(call);
  await effects.effect({
    name: 'tag-image',
    isDone: async () => (await findImage(client, `${KEPT_IMAGES}:${tag}`, call))?.Id === image.id || undefined,
    act: async signal => {
      await client.ask(`tag image ${image.name}`, signal, docker =>
        docker.getImage(image.id).tag({ repo: KEPT_IMAGES, tag }),
      );
    },
  });
  return effects.report(`kept as ${KEPT_IMAGES}:${tag}`, `already kept as ${KEPT_IMAGES}:${tag}`);
}

/**
 * Whether the engine has the image, or its registry still offers the very same. Pulls nothing: bytes that do not match
 * their digest are found when they are pulled, which is before anything is touched too.
 */
export async function canHaveImage(client: DockerClient, image: RecordedImage, look: Look): Promise<Evidence> {
  if ((await findImage(client, image.id, look)) !== undefined)
    return { verdict: 'passed', reason: `image ${shortId(image.id)} is on the engine` };
  const absent = `image ${image.name} (${shortId(image.id)}) is not on engine ${client.address}`;
  if (image.digests.length === 0)
    return { verdict: 'failed', reason: `${absent}, and was never in a registry that could give it again` };
  const found: Evidence[] = [];
  for (const digest of image.digests) {
    const served = await isServed(client, digest, look);
    if (served.verdict === 'passed') return served;
    found.push(served);
  }
  const inconclusive = found.some(({ verdict }) => verdict === 'inconclusive');
  const reasons = found.map(({ reason }) => reason).join('; ');
  return { verdict: inconclusive ? 'inconclusive' : 'failed', reason: `${absent}; ${reasons}` };
}

async function isServed(client: DockerClient, reference: string, look: Look): Promise<Evidence> {
  const wanted = reference.split('@')[1] ?? '';
  try {
    const answer = await client.ask(`ask the registry for ${reference}`, look.signal, docker =>
      docker.getImage(reference).distribution(),
    );
    const served = answer.Descriptor.digest;
    if (served === wanted) return { verdict: 'passed', reason: `${reference} can be pulled` };
    return { verdict: 'failed', reason: `the registry serves ${served} for ${reference}: expected ${wanted}` };
  } catch (failure) {
    return judgeRegistryFailure(reference, failure);
  }
}

const isOfOtherBytes = ({ message }: DriverError): boolean =>
  /verification failed|digest did not match|does not match/i.test(message);

/** Engines hand a registry's answer on as text, under statuses of their own. */
function judgeRegistryFailure(reference: string, failure: unknown): Evidence {
  if (!(failure instanceof DriverError)) throw failure;
  const said = failure.message.toLowerCase();
  if (failure.kind === 'missing' || /manifest unknown|not found|name unknown|name_unknown/.test(said))
    return { verdict: 'failed', reason: `${reference} is gone from its registry` };
  if (isOfOtherBytes(failure))
    return {
      verdict: 'failed',
      reason: `the registry serves something else for ${reference}: its digest does not match`,
    };
  if (/unauthorized|denied|authentication/.test(said))
    return { verdict: 'failed', reason: `the registry refuses ${reference} to this engine: log in on its host` };
  return { verdict: 'inconclusive', reason: `whether the registry has ${reference} is not known: ${failure.message}` };
}

/**
 * Has the engine hold the image by its id, pulled by digest where it must be.
 * @throws missing when it cannot be had | corrupt when what came is another image
 */
export async function ensureImage(client: DockerClient, image: RecordedImage, effects: Tally, call: Call) {
  await effects.effect({
    name: 'pull',
    isDone: async () => (await findImage(client, image.id, call))?.Id,
    act: async signal => {
      const failures: string[] = [];
      for (const reference of image.digests) {
        try {
          await pull(client, reference, signal, call);
        } catch (failure) {
          if (!(failure instanceof DriverError)) throw failure;
          if (isOfOtherBytes(failure))
            throw new DriverError('corrupt', `${reference}: the registry serves something else (${failure.message})`);
          failures.push(failure.message);
          continue;
        }
        const came = await findImage(client, reference, { signal });
        if (came?.Id === image.id) return;
        throw new DriverError('corrupt', `${reference}: expected image ${image.id}, the registry gave ${came?.Id}`);
      }
      const tried = failures.length > 0 ? failures.join('; ') : 'it was never in a registry';
      throw new DriverError('missing', `image ${image.name} (${shortId(image.id)}) cannot be had: ${tried}`, {
        next: 'Load it on the engine (docker load), or choose a release whose images are still there.',
      });
    },
  });
}

/** One with a line a layer; an error in the stream comes under status 200. */
async function pull(client: DockerClient, reference: string, signal: AbortSignal, call: Call): Promise<void> {
  const name = `pull ${reference}`;
  await client.ask(
    name,
    signal,
    async docker => {
      const stream = await docker.pull(reference, {});
      const lines = new Promise<{ error?: string }[]>((resolve, reject) =>
        docker.modem.followProgress(
          stream,
          (error, all) => (error ? reject(error) : resolve(all)),
          () => call.progress({ current: reference }),
        ),
      );
      const error = (await lines).find(line => line.error !== undefined)?.error;
      if (error !== undefined) throw new DriverError('refused', `engine ${client.address}: ${name}: ${error}`);
    },
    PULLED_WITHIN,
  );
}
