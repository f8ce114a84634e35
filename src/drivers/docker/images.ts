import { minutes } from '../../plan/duration.ts';
import type { Call, Changed, Evidence, Look } from '../contract.ts';
import { DriverError } from '../errors.ts';
import { type Tally, tally } from '../tally.ts';
import type { DockerClient } from './client.ts';
import { findImage, shortId } from './inspection.ts';
import { KEPT_IMAGES } from './labels.ts';
import type { RecordedImage } from './recorded-container.ts';
import { type Meaning, meaningOf } from './registry-answers.ts';

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
    if (!(failure instanceof DriverError)) throw failure;
    return REASONS[meaningOf(reference, failure)](reference, failure);
  }
}

const REASONS: Readonly<Record<Meaning, (reference: string, failure: DriverError) => Evidence>> = {
  gone: reference => ({ verdict: 'failed', reason: `${reference} is gone from its registry` }),
  'other-bytes': reference => ({
    verdict: 'failed',
    reason: `the registry serves something else for ${reference}: its digest does not match`,
  }),
  denied: reference => ({
    verdict: 'failed',
    reason: `the registry refuses ${reference} to this engine: log in on its host`,
  }),
  unknown: (reference, { message }) => ({
    verdict: 'inconclusive',
    reason: `whether the registry has ${reference} is not known: ${message}`,
  }),
};

/**
 * Has the engine hold the image by its id, pulled by digest where it must be.
 * @throws missing when it cannot be had | unavailable while that is not sure | corrupt when what came is another image
 */
export async function ensureImage(client: DockerClient, image: RecordedImage, effects: Tally, call: Call) {
  await effects.effect({
    name: 'pull',
    isDone: async () => (await findImage(client, image.id, call))?.Id,
    act: async signal => {
      const failures: { readonly means: Meaning; readonly message: string }[] = [];
      for (const reference of image.digests) {
        try {
          await pull(client, reference, signal, call);
        } catch (failure) {
          if (!(failure instanceof DriverError)) throw failure;
          const [means, { message }] = [meaningOf(reference, failure), failure];
          if (means === 'other-bytes')
            throw new DriverError('corrupt', `${reference}: the registry serves something else (${message})`);
          failures.push({ means, message });
          continue;
        }
        const came = await findImage(client, reference, { signal });
        if (came?.Id === image.id) return;
        if (came !== undefined)
          throw new DriverError('corrupt', `${reference}: expected image ${image.id}, the registry gave ${came.Id}`);
        failures.push({ means: 'unknown', message: `${reference}: its pull ended, and it is not on the engine` });
      }
      const what = `image ${image.name} (${shortId(image.id)}) cannot be had`;
      const tried = failures.map(({ message }) => message).join('; ');
      if (failures.some(({ means }) => means === 'unknown'))
        throw new DriverError('unavailable', `${what} now: ${tried}`, {
          next: 'See whether its registry answers the engine, and whether the engine has room for it.',
        });
      throw new DriverError('missing', `${what}: ${tried || 'it was never in a registry'}`, {
        next: 'Load it on the engine (docker load), or choose a release whose images are still there.',
      });
    },
  });
}

/** A line a layer; an error among them comes under status 200, and may be of any kind. */
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
      if (error !== undefined) throw new Error(error);
    },
    PULLED_WITHIN,
  );
}
