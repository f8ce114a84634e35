import type { StepResult } from '../../run/step.ts';
import type { Run } from '../run.ts';
import { engine, order, send } from '../send.ts';
import { gatesOf } from './freeze.ts';

/** The line: gates open in reverse order to the release, each observed. */
export const openGates = (run: Run): Promise<StepResult> => open(run, 'release');

/** After a revert that was verified: gates open to what was found. */
export const openGatesAsFound = (run: Run): Promise<StepResult> => open(run, 'found');

async function open(run: Run, as: 'release' | 'found'): Promise<StepResult> {
  const sent = { ...order(run), gates: run.outline!.gates.toReversed(), as };
  const result = await send(
    run,
    sent,
    () => engine(run, `open ${gatesOf(run)}`).openGates(sent),
    lost => lost,
  );
  if (result.unopened === true || result.stale === true) return result;
  run.note({ type: 'traffic', traffic: result.verdict === 'passed' ? 'open' : 'unknown' });
  return result;
}
