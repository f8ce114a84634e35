import type { Command } from 'commander';
import type { PlatformName, ReleaseId } from '../../../plan/ids.ts';
import type { ReleaseEntry } from '../../../releases/ledger.ts';
import type { RecordRequest } from '../../../workflows/messages.ts';
import { Refusal } from '../../refusal.ts';
import { platformName, whoever } from '../arguments.ts';
import type { Commands } from '../program.ts';
import { cliOf, loadRuns, withServer } from '../session.ts';
import { describeRelease, listReleases } from '../view/release-page.ts';

/** `lastgood release record | good | list | show`: the ledger, through the workers. */
export function addRelease(commands: Commands): void {
  const release = commands.program
    .command('release')
    .description('the releases of a platform, and which of them are good');
  release
    .command('record')
    .description('record what runs as a release')
    .argument('<platform>', 'as its plan names it', platformName)
    .argument('[release]', 'its name; without it one is made of the time')
    .option('--capture', 'take a capture of the stores, which must be stopped')
    .option('--allow-stopped', 'take tiers and gates that do not run as they are')
    .option('--by <name>', 'who records it (default: you@this-host)')
    .action((platform: string, id: string | undefined, options: RecordOptions, command: Command) =>
      recordIt(commands, command, requestOf('record', platform, id, options)),
    );
  release
    .command('good')
    .description("let a release earn good: soaked for the plan's time and probed; waits for the soak")
    .argument('<platform>', 'as its plan names it', platformName)
    .argument('[release]', 'without it the newest recorded one')
    .option('--by <name>', 'who asks (default: you@this-host)')
    .action((platform: string, id: string | undefined, options: RecordOptions, command: Command) =>
      recordIt(commands, command, requestOf('good', platform, id, options)),
    );
  release
    .command('list')
    .description('the recorded releases, newest first')
    .argument('<platform>', 'as its plan names it', platformName)
    .action(async (platform: string, _options: object, command: Command) => {
      const cli = cliOf(command, commands.around);
      const { survey } = await loadRuns();
      const seen = await withServer(cli, at => survey(at, { what: 'releases', platform: platform as PlatformName }));
      const releases = seen.what === 'releases' ? seen.releases : refuse(seen);
      cli.result({ platform, releases }, listReleases(releases, platform));
    });
  release
    .command('show')
    .description('one release: its targets, its evidence, its snapshots')
    .argument('<platform>', 'as its plan names it', platformName)
    .argument('<release>', 'as `release list` names it')
    .action(async (platform: string, id: string, _options: object, command: Command) => {
      const cli = cliOf(command, commands.around);
      const { survey } = await loadRuns();
      const request = { what: 'release' as const, platform: platform as PlatformName, id: id as ReleaseId };
      const seen = await withServer(cli, at => survey(at, request));
      const found = seen.what === 'release' ? seen.release : refuse(seen);
      if (found === null) {
        throw new Refusal('refused', `${platform} has no release ${id}`, {
          next: [`lastgood release list ${platform}`],
        });
      }
      cli.result({ platform, release: found }, describeRelease(found));
    });
}

interface RecordOptions {
  readonly capture?: boolean;
  readonly allowStopped?: boolean;
  readonly by?: string;
}

const requestOf = (
  what: 'record' | 'good',
  platform: string,
  id: string | undefined,
  options: RecordOptions,
): RecordRequest => ({
  platform: platform as PlatformName,
  by: options.by ?? whoever(),
  what,
  ...(id === undefined ? {} : { release: id as ReleaseId }),
  capture: options.capture === true,
  ...(options.allowStopped === true ? { allowStopped: true } : {}),
});

async function recordIt({ around }: Commands, command: Command, request: RecordRequest): Promise<void> {
  const cli = cliOf(command, around);
  const { record } = await loadRuns();
  cli.say(
    request.what === 'good'
      ? `judging ${request.platform}; it waits for the rest of the soak …`
      : `recording ${request.platform} …`,
  );
  const recording = await withServer(cli, at => record(at, request));
  const { result, release } = recording;
  const name: ReleaseEntry['id'] | undefined = release?.id ?? request.release;
  cli.result({ platform: request.platform, result, ...(release === undefined ? {} : { release }) }, [
    `${name ?? request.platform}: ${result.reason}`,
  ]);
}

/** A survey answers with the plan's own fault when the plan could not be read. */
function refuse(seen: {
  what: string;
  admission?: { verdict: string; result: { reason: string; next?: string } };
}): never {
  const result = seen.admission?.result;
  throw new Refusal('refused', result?.reason ?? `a survey answered with ${seen.what}`, {
    next: result?.next === undefined ? [] : [result.next],
  });
}
