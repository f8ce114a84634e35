import { createHash } from 'node:crypto';
import { saying } from './fault.ts';
import { type ReadOptions, scanTree, type TreeEntry } from './tree-scan.ts';

export type { ReadOptions } from './tree-scan.ts';

/**
 * SHA-256 (hex) over every entry under `root` and `root` itself: path, type, mode, owner, size, content, link text, and
 * which names are one file. Times are left out, and `.lastgood` and sockets. `root` may be a file or a link.
 * It does not see extended attributes. Equal before a pack and after an unpack. @throws DriverError
 */
export function treeDigest(root: string, options: ReadOptions): Promise<string> {
  return saying(`read ${root}`, async () => {
    const hash = createHash('sha256');
    for await (const entry of scanTree(root, options)) {
      hash.update(contentLine(entry)).update(attributesLine(entry));
    }
    return hash.digest('hex');
  });
}

// Fields of a fixed alphabet first, then what may hold any byte but NUL: no two entries read the same.

/** What it holds. */
export function contentLine(entry: TreeEntry): Buffer {
  return Buffer.concat([
    Buffer.from(`${entry.type} ${entry.size} ${entry.sha256} `),
    entry.path,
    Buffer.from('\0'),
    entry.target,
    Buffer.from('\0\n'),
  ]);
}

/** Who may do what with it. A link's own mode means nothing. */
export function attributesLine(entry: TreeEntry): Buffer {
  const mode = entry.type === 'link' ? 0 : entry.mode;
  return Buffer.concat([
    Buffer.from(`${mode.toString(8)} ${entry.uid} ${entry.gid} `),
    entry.path,
    Buffer.from('\0\n'),
  ]);
}
