import type { StepResult } from '../run/step.ts';
import type { Session } from './session.ts';

/** A look that other steps rest on says when it was over: its answer may be heard much later. */
export async function seenNow({ deps }: Session, looking: Promise<StepResult>): Promise<StepResult> {
  const result = await looking;
  return result.verdict === 'passed' ? { ...result, seenAt: deps.now().toISOString() } : result;
}
