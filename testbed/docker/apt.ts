import { readFile } from 'node:fs/promises';
import { findPrograms, systemPath } from '../process/find-program.ts';
import { lastLines, run } from '../process/run.ts';
import { type Say, sayWhile } from '../say.ts';

let updated = false;

/** Why packages cannot be installed here, or nothing when they can. */
export async function whyNoApt(): Promise<string | undefined> {
  if (process.platform !== 'linux') return `this is ${process.platform}, not Linux`;
  const release = await readFile('/etc/os-release', 'utf8').catch(() => '');
  if (!/^ID(_LIKE)?=.*\b(debian|ubuntu)\b/m.test(release)) return 'this is neither Debian nor Ubuntu';
  if (process.getuid?.() !== 0) return 'this is not root';
  if (findPrograms('apt-get').length === 0) return 'there is no apt-get';
  return undefined;
}

/**
 * Installs Debian packages, saying each command before it runs.
 * @throws Error with the last lines that apt-get wrote
 */
export async function installPackages(packages: readonly string[], say: Say): Promise<void> {
  if (!updated) await aptGet(['update'], say);
  updated = true;
  await aptGet(['install', '--yes', '--no-install-recommends', ...packages], say);
}

async function aptGet(args: readonly string[], say: Say): Promise<void> {
  say(`$ apt-get ${args.join(' ')}`);
  const env = {
    ...process.env,
    PATH: systemPath(),
    DEBIAN_FRONTEND: 'noninteractive',
    // At this run level invoke-rc.d starts no service that a package brings: the testbed starts its own.
    RUNLEVEL: '1',
  };
  const going = run('apt-get', args, { deadlineMs: 600_000, env });
  const { code, stdout, stderr } = await sayWhile(say, `apt-get ${args[0]}`, 10_000, going);
  if (code !== 0)
    throw new Error(`apt-get ${args.join(' ')}: ended with ${code}\n${lastLines(stderr.trim() || stdout, 12)}`);
}
