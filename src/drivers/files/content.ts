import { createHash } from 'node:crypto';
import { attributesLine, contentLine } from './tree-digest.ts';
import { scanTree } from './tree-scan.ts';

export interface Content {
  /** As `treeDigest`. */
  readonly digest: string;
  /** SHA-256 (hex) of what it holds, and of who may do what with it. */
  readonly content: string;
  readonly attributes: string;
  readonly files: number;
  readonly bytes: number;
  /** The text of a link that is the target itself. */
  readonly link?: string;
}

/** Reads all of it once. @throws as scanTree */
export async function readContent(path: string, signal: AbortSignal): Promise<Content> {
  const [digest, content, attributes] = [createHash('sha256'), createHash('sha256'), createHash('sha256')];
  let files = 0;
  let bytes = 0;
  let link: string | undefined;
  for await (const entry of scanTree(path, { signal })) {
    digest.update(contentLine(entry)).update(attributesLine(entry));
    content.update(contentLine(entry));
    attributes.update(attributesLine(entry));
    if (entry.type === 'file') files += 1;
    bytes += entry.size;
    if (entry.path.length === 0 && entry.type === 'link') link = entry.target.toString();
  }
  return {
    digest: digest.digest('hex'),
    content: content.digest('hex'),
    attributes: attributes.digest('hex'),
    files,
    bytes,
    ...(link === undefined ? {} : { link }),
  };
}

/** `3 files, 2.1 KiB` or `link to releases/42`. */
export function labelOf({ files, bytes, link }: Content): string {
  return link === undefined ? `${files} ${files === 1 ? 'file' : 'files'}, ${sizeText(bytes)}` : `link to ${link}`;
}

export function sizeText(bytes: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  let size = bytes;
  let unit = 0;
  while (size >= 1024 && unit < units.length - 1) {
    size /= 1024;
    unit += 1;
  }
  return `${unit === 0 ? size : size.toFixed(1)} ${units[unit]}`;
}
