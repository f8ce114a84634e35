import { passed, type StepResult } from '../../run/step.ts';
import type { Run } from '../run.ts';
import { engine, order, send, step } from '../send.ts';

/** Counts the rows of every store now that nobody writes: the loss is fixed here, and judged against the accepted ceiling. */
export async function captureLive(run: Run): Promise<StepResult> {
  const sent = order(run);
  const { result, losses } = await send(
    run,
    sent,
    () => engine(run, 'count what would be lost').captureLive(sent),
    lost => ({ result: lost, losses: [] }),
  );
  if (losses.length > 0) run.note({ type: 'losses-fixed', losses });
  if (result.verdict === 'passed') run.letIn = false;
  return result;
}

/** Captures the stores whose engine is down: immutable, hashed, read back. */
export async function captureStopped(run: Run): Promise<StepResult> {
  const { captured } = run.outline!;
  if (captured.length === 0) return passed('no store is captured by this run');
  return step(run, `capture ${captured.join(', ')}`, 'captureStopped', { targets: captured });
}
