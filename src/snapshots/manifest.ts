import { createHash } from 'node:crypto';
import { canonicalLine } from '../plan/canonical.ts';
import { isName, type PlatformName, type SnapshotId } from '../plan/ids.ts';
import type { Artifact, Manifest } from './store.ts';
import { corrupt } from './store-fault.ts';

export const MANIFEST = 'manifest.json';

/** The manifest with its own digest, as value and as the text that is stored. */
export function sealManifest(unsealed: Omit<Manifest, 'digest'>): {
  readonly manifest: Manifest;
  readonly text: string;
} {
  const manifest = { ...unsealed, digest: digestOf(unsealed) };
  return { manifest, text: canonicalLine(manifest) };
}

/**
 * Takes no byte that `sealManifest` would not have written. `where` names it in the error.
 * @throws DriverError corrupt
 */
export function parseManifest(
  text: string,
  expected: { readonly platform: PlatformName; readonly id: SnapshotId },
  where: string,
): Manifest {
  let manifest: Manifest;
  try {
    manifest = JSON.parse(text) as Manifest;
  } catch (cause) {
    throw corrupt(where, 'the manifest is not JSON', cause);
  }
  if (typeof manifest !== 'object' || manifest === null || canonicalLine(manifest) !== text) {
    throw corrupt(where, 'the manifest is not as it was written');
  }
  const { digest, ...rest } = manifest;
  const found = digestOf(rest);
  if (digest !== found) throw corrupt(where, `the manifest says digest ${digest}, its content gives ${found}`);
  if (manifest.version !== 1) throw corrupt(where, `manifest version 1 expected, ${manifest.version} found`);
  if (manifest.id !== expected.id || manifest.platform !== expected.platform) {
    throw corrupt(where, `this manifest is of ${manifest.platform}/${manifest.id}: it was put in another's place`);
  }
  if (!Array.isArray(manifest.artifacts) || !manifest.artifacts.every(isArtifact)) {
    throw corrupt(where, 'the manifest names an artifact that cannot be');
  }
  return manifest;
}

const digestOf = (unsealed: Omit<Manifest, 'digest'>): string =>
  createHash('sha256').update(canonicalLine(unsealed)).digest('hex');

const isArtifact = (artifact: Artifact): boolean =>
  typeof artifact.name === 'string' &&
  isName(artifact.name) &&
  artifact.codec === 'zstd' &&
  [artifact.rawBytes, artifact.storedBytes, artifact.frames].every(size => Number.isSafeInteger(size) && size >= 0);
