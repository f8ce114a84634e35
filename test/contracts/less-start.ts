import type { TargetState } from '../../src/plan/run-plan.ts';

/** All that must be as it was, once it was stopped and started: when it was started last is another time. */
export const lessStart = ({ started: _, ...state }: TargetState): Omit<TargetState, 'started'> => state;
