import { createWriteStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { runWell } from '../process/run.ts';
import { type Say, sayWhile } from '../say.ts';
import { TEMPORAL_VERSION } from './version.ts';

export const OFFICIAL = 'https://temporal.download/cli/archive';
/** Without a byte for this long, the download is given up: a closed network often answers nothing at all. */
const PATIENCE_MS = 10_000;
const ARCHITECTURES: Record<string, string> = { x64: 'amd64', arm64: 'arm64' };

export interface DownloadOptions {
  readonly say: Say;
  readonly signal?: AbortSignal | undefined;
  readonly from?: string | undefined;
}

/**
 * Puts the official binary into `directory`, as `temporal`. No checksum of it is published: the caller asks it its
 * version.
 * @throws Error saying why not
 */
export async function downloadTemporal(directory: string, options: DownloadOptions): Promise<void> {
  const { say, from = OFFICIAL } = options;
  const arch = ARCHITECTURES[process.arch];
  if (arch === undefined || !['linux', 'darwin'].includes(process.platform))
    throw new Error(`there is none for ${process.platform} ${process.arch}`);
  const url = `${from}/v${TEMPORAL_VERSION}?platform=${process.platform}&arch=${arch}`;
  const archive = join(directory, 'temporal.tar.gz');
  say(`downloading the Temporal CLI ${TEMPORAL_VERSION} from ${url}`);
  try {
    await download(url, archive, options);
    await runWell('tar', ['-xzf', archive, '-C', directory, 'temporal'], { deadlineMs: 60_000 });
  } finally {
    await rm(archive, { force: true });
  }
}

async function download(url: string, to: string, { say, signal }: DownloadOptions): Promise<void> {
  const silence = new AbortController();
  const giveUp = (): void => silence.abort(new Error(`no answer within ${PATIENCE_MS / 1000} s`));
  const given = AbortSignal.any([silence.signal, ...(signal === undefined ? [] : [signal])]);
  let timer = setTimeout(giveUp, PATIENCE_MS);
  let bytes = 0;
  const count = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      clearTimeout(timer);
      timer = setTimeout(giveUp, PATIENCE_MS);
      bytes += chunk.length;
      done(null, chunk);
    },
  });
  try {
    const response = await fetch(url, { signal: given });
    if (!response.ok || response.body === null) throw new Error(`it answered ${response.status}`);
    const going = pipeline(Readable.fromWeb(response.body as never), count, createWriteStream(to));
    await sayWhile(say, 'download', 5_000, going, () => `${(bytes / 1e6).toFixed(0)} MB`);
  } catch (error) {
    const reason = given.aborted ? given.reason : error;
    const { message, cause } = reason as Error & { cause?: Error };
    throw new Error(cause?.message ? `${message}: ${cause.message}` : message, { cause: error });
  } finally {
    clearTimeout(timer);
  }
}
