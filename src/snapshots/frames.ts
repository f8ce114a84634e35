import { hash } from 'node:crypto';
import { promisify } from 'node:util';
import { constants, zstdCompress, zstdDecompress } from 'node:zlib';

/** Raw bytes of a frame; the last of an artifact may hold fewer. */
export const FRAME_BYTES = 4 * 1024 * 1024;
/** No frame is stored larger: what the codec may add to bytes that cannot be made smaller, and some room. */
export const STORED_BYTES_MAX = FRAME_BYTES + 128 * 1024;

/** One row of an artifact's index. Lengths in bytes, digests in hex. */
export interface Frame {
  readonly raw: number;
  readonly stored: number;
  readonly rawSha256: string;
  readonly storedSha256: string;
}

export interface SealedFrame {
  readonly frame: Frame;
  readonly bytes: Uint8Array;
}

const compress = promisify(zstdCompress);
const decompress = promisify(zstdDecompress);

/** Compresses one frame by itself, in the thread pool, and hashes it, once raw and once stored. Takes `raw`: it is gone after. */
export async function sealFrame(raw: Uint8Array): Promise<SealedFrame> {
  const bytes = await compress(raw, {
    // One piece: the default of 16 KiB would go to the pool and back for each.
    chunkSize: STORED_BYTES_MAX,
    pledgedSrcSize: raw.length,
    params: { [constants.ZSTD_c_compressionLevel]: 1 },
  });
  const frame = { raw: raw.length, stored: bytes.length, rawSha256: sha256(raw), storedSha256: sha256(bytes) };
  release(raw);
  return { frame, bytes };
}

/** What is wrong with the stored bytes of `frame`, or undefined. */
export function faultOfStored(frame: Frame, bytes: Uint8Array): string | undefined {
  if (bytes.length !== frame.stored) return `${frame.stored} stored bytes expected, ${bytes.length} found`;
  const found = sha256(bytes);
  return found === frame.storedSha256 ? undefined : `stored SHA-256 ${frame.storedSha256} expected, ${found} found`;
}

/** The raw bytes, or what is wrong with them. The stored bytes have been checked already. */
export async function openFrame(frame: Frame, bytes: Uint8Array): Promise<Uint8Array | string> {
  let raw: Uint8Array;
  try {
    raw = await decompress(bytes, { chunkSize: Math.max(frame.raw, 64), maxOutputLength: FRAME_BYTES });
  } catch (error) {
    return `cannot be decompressed: ${(error as Error).message}`;
  }
  if (raw.length !== frame.raw) return `${frame.raw} raw bytes expected, ${raw.length} found`;
  const found = sha256(raw);
  return found === frame.rawSha256 ? raw : `raw SHA-256 ${frame.rawSha256} expected, ${found} found`;
}

const sha256 = (bytes: Uint8Array): string => hash('sha256', bytes, 'hex');

/**
 * Gives the memory back now. The collector counts what hangs on a large buffer too late: a run over gigabytes would grow
 * by gigabytes. The bytes must be the caller's own, alone in their buffer, and no read or write of them under way.
 */
export function release(bytes: Uint8Array): void {
  if (bytes.buffer instanceof ArrayBuffer && bytes.buffer.byteLength > OWN_BUFFER) bytes.buffer.transfer(0);
}
/** Smaller buffers may be shared with others. */
const OWN_BUFFER = 64 * 1024;

/**
 * Cuts a stream in frames of FRAME_BYTES. An empty stream gives one empty frame, so that plain tools can read the file.
 * A source that stalls does not hold up an abort. @throws what `bytes` throws; AbortError
 */
export async function* cutFrames(bytes: AsyncIterable<Uint8Array>, signal: AbortSignal): AsyncGenerator<Uint8Array> {
  let frame = Buffer.allocUnsafeSlow(FRAME_BYTES);
  let filled = 0;
  let any = false;
  for await (const chunk of untilAborted(bytes, signal)) {
    for (let taken = 0; taken < chunk.length; ) {
      const piece = chunk.subarray(taken, taken + FRAME_BYTES - filled);
      frame.set(piece, filled);
      filled += piece.length;
      taken += piece.length;
      if (filled < FRAME_BYTES) continue;
      yield frame;
      any = true;
      frame = Buffer.allocUnsafeSlow(FRAME_BYTES);
      filled = 0;
    }
  }
  if (filled > 0 || !any) yield frame.subarray(0, filled);
}

async function* untilAborted(bytes: AsyncIterable<Uint8Array>, signal: AbortSignal): AsyncGenerator<Uint8Array> {
  const source = bytes[Symbol.asyncIterator]();
  // Not a race against one lasting promise: that would hold every chunk until the end.
  let giveUp: (reason: unknown) => void = () => {};
  const onAbort = () => giveUp(signal.reason);
  signal.addEventListener('abort', onAbort, { once: true });
  let asked = false;
  let ended = false;
  try {
    for (;;) {
      signal.throwIfAborted();
      asked = true;
      const next = await new Promise<IteratorResult<Uint8Array>>((resolve, reject) => {
        giveUp = reject;
        source.next().then(resolve, reject);
      });
      asked = false;
      ended = next.done === true;
      if (next.done === true) return;
      yield next.value;
    }
  } finally {
    signal.removeEventListener('abort', onAbort);
    const left = ended ? undefined : Promise.resolve(source.return?.()).catch(() => {});
    // A source that is stalled in its answer would not hear this either.
    if (!asked) await left;
  }
}
