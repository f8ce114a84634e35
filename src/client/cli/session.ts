import type { Command } from 'commander';
import type { Reached } from '../connection.ts';
import { Cli, type GlobalOptions, type Surroundings } from './cli.ts';

/** The call that a command's action belongs to. */
export const cliOf = (command: Command, around: Surroundings): Cli =>
  new Cli(around, command.optsWithGlobals<GlobalOptions & Record<string, unknown>>());

/** The library, loaded when it is first needed: `--help` must not pay for it. */
export const loadRuns = () => import('../runs.ts');

/** Connects, does the work, and closes the connection whatever came of it. @throws Refusal */
export async function withServer<T>(cli: Cli, work: (at: Reached) => Promise<T>): Promise<T> {
  const { connect } = await loadRuns();
  const at = await connect(cli.around.env);
  try {
    return await work(at);
  } finally {
    await at.close();
  }
}
