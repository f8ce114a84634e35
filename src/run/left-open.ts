import type { StepResult } from './step.ts';

/** What stands open on its host when a run could not be closed there, whoever finds it: the worker, or the workflow that had no answer. */
export const leftOpen = ({ reason }: Pick<StepResult, 'reason'>): { readonly lost: string } => ({
  lost: `the engine's lock and the journal's end: ${reason}`,
});
