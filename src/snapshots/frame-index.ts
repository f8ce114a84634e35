import { createHash } from 'node:crypto';
import { canonicalLine } from '../plan/canonical.ts';
import { FRAME_BYTES, type Frame, STORED_BYTES_MAX } from './frames.ts';
import type { Artifact } from './store.ts';
import { corrupt } from './store-fault.ts';

/** `<name>.index.json`, beside `<name>.tar.zst`. */
export interface FrameIndex {
  readonly version: 1;
  readonly artifact: string;
  readonly frames: readonly Frame[];
  /** Where the index of the files inside it lies, once there is one: a name in the same folder, and its SHA-256. */
  readonly files?: { readonly name: string; readonly sha256: string };
}

export const artifactFile = (name: string): string => `${name}.tar.zst`;
export const indexFile = (name: string): string => `${name}.index.json`;

/**
 * What the manifest says of an artifact. Its two digests are SHA-256 over the frames' own digests in order (32 bytes each):
 * every byte is hashed once, in parallel, and the manifest still covers all of them.
 */
export function describeArtifact(name: string, frames: readonly Frame[]): Artifact {
  return {
    name,
    codec: 'zstd',
    rawBytes: frames.reduce((sum, frame) => sum + frame.raw, 0),
    storedBytes: frames.reduce((sum, frame) => sum + frame.stored, 0),
    rawSha256: digestOfDigests(frames.map(frame => frame.rawSha256)),
    storedSha256: digestOfDigests(frames.map(frame => frame.storedSha256)),
    frames: frames.length,
  };
}

function digestOfDigests(digests: readonly string[]): string {
  const hash = createHash('sha256');
  for (const digest of digests) hash.update(digest, 'hex');
  return hash.digest('hex');
}

export function encodeIndex(name: string, frames: readonly Frame[]): string {
  const index: FrameIndex = { version: 1, artifact: name, frames };
  return canonicalLine(index);
}

/** Takes no byte that `encodeIndex` would not have written for this artifact. @throws DriverError corrupt */
export function parseIndex(text: string, artifact: Artifact, where: string): readonly Frame[] {
  let index: FrameIndex;
  try {
    index = JSON.parse(text) as FrameIndex;
  } catch (cause) {
    throw corrupt(where, 'the index is not JSON', cause);
  }
  const frames = index?.frames;
  if (index?.version !== 1 || !Array.isArray(frames) || !frames.every(isFrame) || canonicalLine(index) !== text) {
    throw corrupt(where, 'the index is not as it was written');
  }
  const found = describeArtifact(index.artifact, frames);
  const unknown = Object.keys(index).find(key => !['version', 'artifact', 'frames', 'files'].includes(key));
  if (unknown !== undefined || canonicalLine(found) !== canonicalLine(artifact)) {
    throw corrupt(where, `the index is not the one that the manifest was written for`);
  }
  return frames;
}

const isFrame = (frame: Frame | null): boolean =>
  typeof frame === 'object' &&
  frame !== null &&
  Object.keys(frame).length === 4 &&
  isSize(frame.raw, FRAME_BYTES) &&
  isSize(frame.stored, STORED_BYTES_MAX) &&
  isDigest(frame.rawSha256) &&
  isDigest(frame.storedSha256);

const isSize = (size: unknown, max: number): boolean =>
  Number.isSafeInteger(size) && (size as number) >= 0 && (size as number) <= max;
const isDigest = (text: unknown): boolean => typeof text === 'string' && /^[0-9a-f]{64}$/.test(text);
