import { chmod, copyFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { type HasClient, importTar, isThere } from '../docker/import-tar.ts';
import { run, runWell } from '../process/run.ts';
import type { Say } from '../say.ts';

export interface TemporalImage {
  /** Of the Temporal CLI, as `findTemporal` gives it. */
  readonly binary: string;
  /** What the image is to be called. */
  readonly tag: string;
  readonly say: Say;
}

/**
 * A stand-in for the published image of the `temporal` command, where no registry can be reached: made as its recipe
 * makes it (`.github/docker/cli.Dockerfile` of temporalio/cli). Nothing but the program at `/temporal`, which is the
 * entry point, two lines of users, and user 1000 who owns nothing; no shell, no PATH to the program, no home.
 * @throws Error
 */
export async function ensureTemporalImage(engine: HasClient, { binary, tag, say }: TemporalImage): Promise<void> {
  if (await isThere(engine, tag)) return;
  say(`making ${tag} of ${binary}`);
  const directory = await mkdtemp(join(tmpdir(), 'lastgood-temporal-image-'));
  const root = join(directory, 'root');
  try {
    await mkdir(join(root, 'etc'), { recursive: true });
    await writeFile(
      join(root, 'etc/passwd'),
      'root:x:0:0:root:/root:/bin/sh\ntemporal:x:1000:1000::/home/temporal:/bin/sh\n',
    );
    await writeFile(join(root, 'etc/group'), 'root:x:0:root\ntemporal:x:1000:\n');
    await copyFile(binary, join(root, 'temporal'));
    await chmod(join(root, 'temporal'), 0o755);
    for (const library of await librariesOf(binary)) {
      await mkdir(dirname(join(root, library)), { recursive: true });
      await copyFile(library, join(root, library));
    }
    const tar = join(directory, 'root.tar');
    await runWell('tar', ['-C', root, '--owner=0', '--group=0', '-cf', tar, '.'], { deadlineMs: 60_000 });
    await importTar(engine, tar, tag, ['USER 1000:1000', 'ENTRYPOINT ["/temporal"]']);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

/** The published program needs none; one that was built with C is given what its loader would load. */
async function librariesOf(binary: string): Promise<string[]> {
  const { code, stdout } = await run('ldd', [binary], { deadlineMs: 10_000 });
  // A static program is no fault, and ldd says so with a failure.
  return code === 0 ? [...stdout.matchAll(/(\/[^\s()]+) \(0x/g)].map(match => match[1] as string) : [];
}
