import { Context } from '@temporalio/activity';
import { DriverError } from '../drivers/errors.ts';
import type { Channel } from '../notify/channel.ts';
import { wordingOf } from '../notify/messages.ts';
import type { PlatformName, RunHash } from '../plan/ids.ts';
import { tryAgain } from './classify.ts';
import type { OfficeActivities } from './contract.ts';
import type { Deps } from './deps.ts';
import { planOfRun } from './plan-of-run.ts';

/** A channel is tried this often before the run hears that it did not get through. */
const TRIES = 8;

/** Puts the facts in words and sends them on one channel. An answer that no try will change is not tried again. */
export const notify =
  (deps: Deps): OfficeActivities['notify'] =>
  async ({ platform, channel, id, saying, hash = saying.progress.outline?.hash }) => {
    const context = Context.current();
    try {
      const way = await wayTo(deps, platform, hash, channel);
      if (way === undefined) return { delivered: false, why: `the plan has no channel ${channel}` };
      await way.send(
        { ...wordingOf(saying, platform), id, platform, run: saying.progress.run },
        context.cancellationSignal,
      );
      return { delivered: true, why: '' };
    } catch (error) {
      const again = error instanceof DriverError && error.kind === 'unavailable' && context.info.attempt < TRIES;
      const why = error instanceof Error ? error.message : String(error);
      if (again) throw tryAgain(why);
      return { delivered: false, why };
    }
  };

/** As the file has it now, where it can be read: a channel may have been mended meanwhile. Else as the run was admitted with it. */
async function wayTo(
  deps: Deps,
  platform: PlatformName,
  hash: RunHash | undefined,
  channel: string,
): Promise<Channel | undefined> {
  const read = await deps.plans.read(platform);
  const mended = 'plan' in read ? deps.channels(read.plan).find(one => one.name === channel) : undefined;
  return mended ?? deps.channels(await planOfRun(deps, platform, hash)).find(one => one.name === channel);
}
