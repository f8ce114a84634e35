import type { Verdict } from '../../src/run/step.ts';

export type { Verdict };
export const VERDICTS: readonly Verdict[] = ['passed', 'failed', 'inconclusive', 'foreign'];
