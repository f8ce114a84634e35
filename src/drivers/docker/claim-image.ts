import { Readable } from 'node:stream';
import type { DockerClient } from './client.ts';
import { CLAIM_IMAGE } from './labels.ts';
import { tarOfOneFile } from './tar-of-one-file.ts';

const WHAT_IT_IS = 'The containers of this image are claims of lastgood. They are never started.\n';

/** Has the engine hold the image that claims are made of: one small file, made here, pulled from nowhere. */
export async function ensureClaimImage(client: DockerClient, signal: AbortSignal): Promise<void> {
  const found = await client.find('inspect the claim image', signal, docker => docker.getImage(CLAIM_IMAGE).inspect());
  if (found !== undefined) return;
  const [repo, tag] = CLAIM_IMAGE.split(':');
  await client.ask('import the claim image', signal, async docker => {
    const tar = Readable.from([tarOfOneFile('claim', WHAT_IT_IS)]);
    const answer = await docker.importImage(tar, { repo, tag, message: 'lastgood claim' });
    for await (const _line of answer as unknown as AsyncIterable<Uint8Array>);
  });
}
