import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { installPackages, whyNoApt } from '../../testbed/docker/apt.ts';
import { findPrograms, isExecutable, systemPath } from '../../testbed/process/find-program.ts';
import { GiveUp, poll } from '../../testbed/process/poll.ts';
import { sayToStderr } from '../../testbed/say.ts';

/**
 * The program's path, installed from Debian when it is not there. A test that needs it fails without it; it is never skipped.
 * @throws Error saying why it cannot be had
 */
export async function programFrom(
  debianPackage: string,
  name: string,
  folders: () => Promise<string[]>,
): Promise<string> {
  const find = async (): Promise<string | undefined> => {
    const path = [...(await folders()), systemPath()].join(':');
    return findPrograms(name, path)[0];
  };
  const there = await find();
  if (there !== undefined) return there;
  const why = await whyNoApt();
  if (why !== undefined) throw new Error(`this test needs ${name} (Debian: ${debianPackage}), and ${why}`);
  await installInTurn(debianPackage);
  const installed = await find();
  if (installed === undefined) throw new Error(`${debianPackage} was installed and brought no ${name}`);
  return installed;
}

/** Test files run beside each other, and the package manager serves one at a time. */
async function installInTurn(debianPackage: string): Promise<void> {
  const what = `the package manager to install ${debianPackage}`;
  await poll({ what, deadlineMs: 300_000, everyMs: 500 }, async () => {
    try {
      await installPackages([debianPackage], sayToStderr);
      return true;
    } catch (error) {
      const { message } = error as Error;
      // Another failure than somebody else's lock does not go away by waiting.
      throw /lock/i.test(message) ? error : new GiveUp(message, { cause: error });
    }
  });
}

/** `/usr/lib/postgresql/15/bin`, newest first. */
export async function versionFolders(root: string): Promise<string[]> {
  const versions = await readdir(root).catch(() => []);
  const newestFirst = versions.sort((a, b) => Number(b) - Number(a));
  return newestFirst
    .map(version => join(root, version, 'bin'))
    .filter(folder => isExecutable(join(folder, 'postgres')));
}
