import { asDriverError } from './fault.ts';
import { runTool, startTool, type Tool } from './tool.ts';
import { LASTGOOD } from './tree-scan.ts';

export { type ReadOptions, treeDigest } from './tree-digest.ts';

export interface PackOptions {
  readonly signal: AbortSignal;
  /** Paths relative to the root that are left out, with all below them. `.lastgood` always is. */
  readonly exclude?: readonly string[];
}

/** 512 KiB a record, on both sides: another factor leaves padding that the reading tar never takes. */
const RECORD = '--blocking-factor=1024';
/** So that the last flush, in which nothing can be told of any progress, is short. */
const FLUSH_EVERY = 256 * 1024 * 1024;
/** Owners as numbers, every attribute namespace (capabilities too), access lists: a tree is put back as it was. */
const FAITHFUL = ['--numeric-owner', '--xattrs', '--xattrs-include=*', '--acls', RECORD];

/**
 * The tree under `root` as a tar, `root`'s own mode and owner included. Lazy: nothing runs until the first byte is asked for.
 * Equal trees without holes give equal bytes: names are sorted, access and change times left out. Sockets are left out.
 * Leaving the loop early, or the signal, kills the child. Only mounts of `root`'s own filesystem are entered.
 * @throws DriverError conflict when a file changed while it was read, refused, unavailable
 */
export async function* packTree(root: string, options: PackOptions): AsyncGenerator<Uint8Array> {
  yield* pack(root, './.', options);
}

/** One entry of `directory`, alone: a file, or a link as a link. @throws as packTree */
export async function* packEntry(directory: string, name: string, signal: AbortSignal): AsyncGenerator<Uint8Array> {
  yield* pack(directory, `./${name}`, { signal });
}

async function* pack(directory: string, member: string, options: PackOptions): AsyncGenerator<Uint8Array> {
  const excluded = [LASTGOOD, ...(options.exclude ?? [])].map(path => `--exclude=./${path}`);
  const doing = `pack ${directory}`;
  const tool = startTool(
    doing,
    'tar',
    [
      '--create',
      '--file=-',
      `--directory=${directory}`,
      '--format=posix',
      // The default name of an extended header holds the child's process id.
      '--pax-option=exthdr.name=%d/PaxHeaders/%f,delete=atime,delete=ctime',
      '--sort=name',
      '--sparse',
      '--one-file-system',
      ...FAITHFUL,
      '--anchored',
      '--no-wildcards',
      ...(member === './.' ? excluded : []),
      '--',
      member === './.' ? '.' : member,
    ],
    options.signal,
  );
  try {
    tool.stdin.end();
    yield* tool.stdout as AsyncIterable<Uint8Array>;
    await tool.ended;
  } catch (error) {
    throw asDriverError(doing, error);
  } finally {
    await tool.stop();
  }
}

/**
 * Unpacks a tar made by `packTree` into the empty directory `into`, which takes the packed root's mode and owner, and
 * flushes that filesystem as it goes and once at the end (a flush for every file takes five times as long). Takes `bytes` to their end,
 * so that a source that checks itself has checked all of it. After a failure `into` holds a part, never to be used.
 * @throws DriverError refused (no space, no right) | unavailable; and what `bytes` throws
 */
export async function unpackTree(
  bytes: AsyncIterable<Uint8Array>,
  into: string,
  options: { readonly signal: AbortSignal },
): Promise<void> {
  const doing = `unpack into ${into}`;
  const tool = startTool(
    doing,
    'tar',
    [
      '--extract',
      '--file=-',
      `--directory=${into}`,
      '--same-owner',
      '--same-permissions',
      '--delay-directory-restore',
      ...FAITHFUL,
    ],
    options.signal,
  );
  try {
    await feed(tool, bytes, () => runTool(doing, 'sync', ['-f', '--', into], options.signal), options.signal);
    await tool.ended;
    await runTool(doing, 'sync', ['-f', '--', into], options.signal);
  } catch (error) {
    throw asDriverError(doing, error);
  } finally {
    await tool.stop();
  }
}

async function feed(
  { stdin }: Tool,
  bytes: AsyncIterable<Uint8Array>,
  flush: () => Promise<void>,
  signal: AbortSignal,
): Promise<void> {
  let unflushed = 0;
  let flushing = Promise.resolve();
  try {
    for await (const chunk of bytes) {
      signal.throwIfAborted();
      // A tar that has seen the end marker may leave; one that failed says so by its exit code.
      if (!stdin.destroyed) await new Promise<void>(resolve => stdin.write(chunk, () => resolve()));
      unflushed += chunk.length;
      if (unflushed < FLUSH_EVERY) continue;
      await flushing;
      flushing = flush();
      flushing.catch(() => {});
      unflushed = 0;
    }
    stdin.end();
  } finally {
    await flushing;
  }
}
