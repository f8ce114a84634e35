import { DriverError } from '../errors.ts';
import { sizeText } from './content.ts';
import type { Place, Shape } from './place.ts';
import { packEntry, packTree } from './tree.ts';

/** What a release holds of a files target. Contents may be secrets: it is kept encrypted, and never shown. */
export interface FilesBody {
  readonly version: 1;
  readonly shape: Shape;
  /** The entry's name inside the pack, when it is one entry. */
  readonly name: string;
  /** `treeDigest` of the target. */
  readonly digest: string;
  /** A tar, base64. */
  readonly tar: string;
}

/** Configuration is small. What is larger is data, and belongs in a snapshot. */
export const PACKED_MAX = 8 * 1024 * 1024;

/** @throws DriverError refused when it packs to more than PACKED_MAX; else as packTree */
export async function packBody(place: Place, digest: string, signal: AbortSignal): Promise<FilesBody> {
  const { path, parent, name, shape } = place;
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of shape === 'directory' ? packTree(path, { signal }) : packEntry(parent, name, signal)) {
    size += chunk.length;
    if (size > PACKED_MAX) throw tooLarge(path);
    chunks.push(chunk);
  }
  return { version: 1, shape, name, digest, tar: Buffer.concat(chunks).toString('base64') };
}

/** @throws DriverError corrupt, saying nothing of what it holds */
export function parseBody(path: string, body: unknown): FilesBody {
  const read = body as Partial<FilesBody> | null;
  const whole =
    typeof read === 'object' &&
    read !== null &&
    read.version === 1 &&
    (read.shape === 'directory' || read.shape === 'entry') &&
    isEntryName(read.name) &&
    typeof read.digest === 'string' &&
    typeof read.tar === 'string';
  if (whole) return read as FilesBody;
  throw new DriverError(
    'corrupt',
    `files ${path}: what the release recorded of it cannot be read; nothing was changed`,
    {
      next: 'choose another release',
    },
  );
}

export async function* unpacked(body: FilesBody): AsyncGenerator<Uint8Array> {
  yield Buffer.from(body.tar, 'base64');
}

const isEntryName = (name: unknown): boolean =>
  typeof name === 'string' && name !== '' && name !== '.' && name !== '..' && !/[/\0]/.test(name);

const tooLarge = (path: string): DriverError =>
  new DriverError(
    'refused',
    `files ${path}: packs to more than ${sizeText(PACKED_MAX)}, too large for a release's record; nothing was changed`,
    {
      next: 'name the configuration itself in the plan, and keep data in a volume target',
    },
  );
