import type { EnsuredShut } from '../../activities/contract.ts';
import type { StepResult } from '../../run/step.ts';
import type { Run } from '../run.ts';
import { engine, order, send, step } from '../send.ts';

/** Shuts every gate in the plan's order; each is observed from outside. */
export async function shutGates(run: Run): Promise<StepResult> {
  const result = await step(run, `shut ${gatesOf(run)}`, 'shutGates');
  if (result.stale === true) return result;
  run.note({ type: 'traffic', traffic: result.verdict === 'passed' ? 'shut' : 'unknown' });
  return result;
}

/** `why`: of gates that are not shut, or of which nobody can say it. */
interface Shut {
  readonly notShut: readonly string[];
  readonly why: string;
  readonly written: string;
}

/** Before people are asked: traffic is shut again, or the first line names the gates that are not. Nothing before the freeze. */
export async function ensureShut(run: Run): Promise<Shut> {
  if (!run.touched) return { notShut: [], why: '', written: '' };
  run.deadline = Date.now() + (run.outline?.budgets.freeze.max ?? 0);
  const sent = order(run);
  const { result, notShut, written, letIn } = await send<EnsuredShut>(
    run,
    sent,
    () => engine(run, `keep ${gatesOf(run)} shut`, run.deadline - Date.now()).ensureShut(sent),
    lost => ({ result: lost, notShut: run.outline?.gates ?? [], written: '', letIn: true }),
  );
  run.letIn ||= letIn === true;
  run.note({ type: 'traffic', traffic: notShut.length > 0 ? 'not-shut' : 'shut' });
  return { notShut, why: notShut.length > 0 ? result.reason : '', written };
}

export const gatesOf = (run: Run): string => run.outline!.gates.join(', ');
