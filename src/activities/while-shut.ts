import { DriverError } from '../drivers/errors.ts';
import type { StepResult, TargetNote } from '../run/step.ts';
import type { StepOrder } from './contract.ts';
import type { Deps } from './deps.ts';
import { inSession } from './refusing.ts';
import { gateTarget, resultOf, type Session } from './session.ts';

/**
 * A step that rests on shut gates: each is looked at before anything else is done. One that somebody started meanwhile
 * lets users into a platform that is half one release and half another; the step does nothing, and whoever holds the
 * run shuts it again.
 */
export const whileShut = (
  deps: Deps,
  order: StepOrder,
  work: (s: Session) => Promise<StepResult>,
): Promise<StepResult> => inSession(deps, order, async s => (await findOpened(s)) ?? work(s));

/** What is to be said of gates that are up; nothing while all are down. */
export async function findOpened(s: Session): Promise<StepResult | undefined> {
  if (mayBeOpen(s)) return undefined;
  const notes = await Promise.all(s.plan.gates.map(gate => lookAtGate(s, gate.name)));
  const opened = notes.filter(note => note.verdict !== 'passed');
  return opened.length === 0 ? undefined : { ...resultOf(opened), next: NEXT, letIn: true };
}

/** The run that was taken over had opened them: past the line its work is finished, not taken back. */
export const mayBeOpen = ({ order }: Session): boolean =>
  order.onBehalfOf !== undefined && order.direction === 'forward';

const NEXT = 'find out who started it; the run is held with it shut, and goes on with retry';

/** A gate's own container: `foreign` while it is up. */
export async function lookAtGate(s: Session, name: string): Promise<TargetNote> {
  const container = gateTarget(s.plan, name);
  const activity = await s.drivers
    .of('docker')
    .observe(container, s.look)
    .then(state => state.activity)
    .catch(error => {
      // One that is gone lets nobody in; what stands in its place is for the steps that rest on it.
      if (error instanceof DriverError && error.kind === 'missing') return 'none' as const;
      throw error;
    });
  const isUp = activity === 'running' || activity === 'looping' || activity === 'paused';
  return {
    target: name,
    verdict: isUp ? 'foreign' : 'passed',
    note: isUp
      ? `container ${container.container} is ${activity}: somebody started it while it was to stay shut; nothing was changed in this step`
      : activity,
  };
}
