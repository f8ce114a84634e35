import { isSwapped } from '../plan/run-plan.ts';
import type { StepResult, TargetNote } from '../run/step.ts';
import { briefly, resultOf, type Session } from './session.ts';
import { until } from './until.ts';
import { mayBeOpen } from './while-shut.ts';

/**
 * Beside the targets, before traffic opens: what undo keeps is down, nobody else answers at a gate's address or reaches
 * around the run. `reason` of a passed result: what is to be said all the same, with `; ` before it, or nothing.
 */
export async function lookAround(s: Session): Promise<StepResult> {
  const [kept, doors, strangers, visitors] = await Promise.all([
    lookAtKept(s),
    mayBeOpen(s) ? [] : lookAtDoors(s),
    s.drivers.surroundings.findStrangers(s.look),
    findVisitors(s),
  ]);
  const others = strangers.map((what): TargetNote => ({ target: '*', verdict: 'foreign', note: what }));
  const notes = [...kept, ...doors, ...others];
  const bad = foreignIn(notes);
  if (bad !== undefined) return bad;
  const said = notes.filter(note => note.verdict === 'inconclusive').map(note => note.note);
  if (visitors.length > 0) said.push(`at work inside: ${visitors.join(', ')}`);
  return { verdict: 'passed', reason: said.map(what => `; ${what}`).join(''), targets: [] };
}

/** Who is inside what runs, as `sleep in work`: it is said, and nobody is waited for. That it cannot be told hinders nothing. */
export const findVisitors = async (s: Session): Promise<readonly string[]> =>
  (await s.drivers.surroundings.findVisitors?.(briefly(s.look)).catch(() => [])) ?? [];

/** What undo keeps, and somebody started or will have started: users would be answered by two releases. Nothing when it all is down. */
export const findRaised = async (s: Session): Promise<StepResult | undefined> => foreignIn(await lookAtKept(s));

function foreignIn(notes: readonly TargetNote[]): StepResult | undefined {
  const bad = notes.filter(note => note.verdict === 'foreign');
  return bad.length === 0
    ? undefined
    : { ...resultOf(bad), next: 'see who did it and undo it by hand, then retry or revert' };
}

async function lookAtKept(s: Session): Promise<TargetNote[]> {
  const swapped = s.runPlan.targets.filter(isSwapped);
  const looks = swapped.map(async ({ target: id }): Promise<TargetNote[]> => {
    const target = s.target(id);
    const evidence = await s.drivers.of(target.kind).checkKept?.(target as never, s.objectsOf, s.look);
    if (evidence === undefined || evidence.verdict === 'passed') return [];
    return [{ target: id, verdict: evidence.verdict === 'failed' ? 'foreign' : 'inconclusive', note: evidence.reason }];
  });
  return (await Promise.all(looks)).flat();
}

/** From outside, as a user would. An address that keeps silent was judged when the gate was shut. */
async function lookAtDoors(s: Session): Promise<TargetNote[]> {
  const looks = s.plan.gates.map(async (gate): Promise<TargetNote[]> => {
    const seen = await until(
      s,
      () => s.drivers.gate.isShut(gate, s.look),
      evidence => evidence.verdict === 'failed',
    );
    const what = `gate ${gate.name} is down, and somebody else has its address: ${seen.reason}`;
    return seen.verdict === 'failed' ? [{ target: gate.name, verdict: 'foreign', note: what }] : [];
  });
  return (await Promise.all(looks)).flat();
}
