import { Context } from '@temporalio/activity';
import { DriverError } from '../drivers/errors.ts';
import { wordingOf } from '../notify/messages.ts';
import { tryAgain } from './classify.ts';
import { readPlan } from './compute.ts';
import type { OfficeActivities } from './contract.ts';
import type { Deps } from './deps.ts';

/** A channel is tried this often before the run hears that it did not get through. */
const TRIES = 8;

/** Puts the facts in words and sends them on one channel. An answer that no try will change is not tried again. */
export const notify =
  (deps: Deps): OfficeActivities['notify'] =>
  async ({ platform, channel, id, saying }) => {
    const context = Context.current();
    try {
      const plan = await readPlan(deps, platform);
      const way = deps.channels(plan).find(one => one.name === channel);
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
