import { STEPS, type StepName } from '../../../src/run/step.ts';
import { poll } from '../../../testbed/process/poll.ts';
import type { SmallPlanOptions } from '../../../testbed/small/plan.ts';
import { clearFaults, setFault } from '../../../testbed/small/platform.ts';
import { untilHeld } from '../../platforms/held.ts';
import { awaitPoint, isOf, journalNow, stepIn } from '../../platforms/kill-points.ts';
import type { Stand } from '../../platforms/stand.ts';

/** Where a run of the small platform is met: in the middle of a step, while it is held, while it is undone. */
export interface Place {
  readonly name: string;
  /** The step that is under way, or was last. */
  readonly step: StepName;
  readonly when: 'forward' | 'held' | 'undo';
  readonly pastTheLine: boolean;
  /** Before the run starts: what makes it go there. */
  prepare(stand: Stand): void;
  /** Resolves when it is there. @returns what takes the cause away, where a run could not end with it */
  reached(stand: Stand, run: string): Promise<() => Promise<void>>;
  /** Actions that the platform itself causes: containers that exit by themselves. */
  readonly uncounted: readonly string[];
}

const nothing = async (): Promise<void> => undefined;
const LINE = STEPS.indexOf('open-gates');

const forward = (step: StepName): Place => ({
  name: step,
  step,
  when: 'forward',
  pastTheLine: STEPS.indexOf(step) >= LINE,
  prepare: () => undefined,
  async reached(stand, run) {
    await awaitPoint(stand, run, { step, edge: 'began' });
    return nothing;
  },
  uncounted: [],
});

/** A service of the release that exits at once: every failure of a start, and what follows from it, is within the plan's time. */
const failsToStart = (stand: Stand, edit?: SmallPlanOptions['edit']): void => {
  setFault(stand.small, 'work', 'v1:no-start');
  stand.plan(edit);
};
const LOOPS = ['start', 'die'];

const heldBeforeTheLine: Place = {
  name: 'held before the line',
  step: 'start-tiers',
  when: 'held',
  pastTheLine: false,
  prepare: stand => failsToStart(stand, plan => plan.setIn(['on-failure', 'after-restore'], 'ask')),
  async reached(stand, run) {
    await untilHeld(stand, run);
    return nothing;
  },
  uncounted: LOOPS,
};

const heldPastTheLine: Place = {
  name: 'held past the line',
  step: 'judge-front-door',
  when: 'held',
  pastTheLine: true,
  // Every service is well, and users are not answered: that is given up within seconds.
  prepare(stand) {
    setFault(stand.small, 'front', 'v1:no-answer');
    stand.plan(plan => plan.setIn(['budgets', 'thaw'], { target: '2s', max: '6s' }));
  },
  async reached(stand, run) {
    await untilHeld(stand, run);
    return async () => clearFaults(stand.small);
  },
  uncounted: [],
};

const undoing = (step: StepName): Place => ({
  name: `undo of ${step}`,
  step,
  when: 'undo',
  pastTheLine: false,
  prepare: stand => failsToStart(stand),
  async reached(stand, run) {
    await poll({ what: `the undo of ${step}`, deadlineMs: 90_000, everyMs: 8 }, () =>
      journalNow(stand, run).some(({ fact }) => isOf(fact, step, 'undo')),
    );
    return nothing;
  },
  uncounted: LOOPS,
});

/** Every step of the runbook, held on either side of the line, and every step of the way back. */
export const PLACES: readonly Place[] = [
  ...STEPS.map(forward),
  heldBeforeTheLine,
  heldPastTheLine,
  ...(['start-tiers', 'swap-in', 'stop-tiers', 'judge-inside', 'shut-gates', 'stage'] as const).map(undoing),
];

/** A fresh v2, and the plan and the faults as they were. */
export async function begin(stand: Stand, place: Place): Promise<void> {
  clearFaults(stand.small);
  stand.plan();
  await stand.deploy();
  place.prepare(stand);
}

/** Whether a gate had been ordered to open: from there on a run is finished, not taken back. */
export const isPastTheLine = (stand: Stand, run: string): boolean =>
  journalNow(stand, run).some(
    ({ fact }) => fact.type === 'order' && fact.key.step === 'open-gates' && fact.key.direction === 'forward',
  );

export const severityOf = ({ step }: Place): 'P0' | 'P1' => (step === 'approve' ? 'P1' : 'P0');

/** Whether the run is still where it was met: nothing later was ordered while it was stopped. */
export function isStillThere(stand: Stand, run: string, { step, when }: Place): boolean {
  // There nothing goes on before somebody says so, and nobody did.
  if (when === 'held' || step === 'approve') return true;
  const at = journalNow(stand, run)
    .flatMap(({ fact }) => stepIn(fact) ?? [])
    .at(-1);
  // Its first entry is written in the middle of the first step.
  if (step === 'admit' && at === undefined) return true;
  return at?.step === step && at.direction === when;
}
