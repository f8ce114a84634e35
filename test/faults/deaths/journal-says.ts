import type { JournalEntry } from '../../../src/executor/contract.ts';
import type { Direction, StepName } from '../../../src/run/step.ts';

/** `swap-in work rename-outgoing`, or `undo swap-in work rename-found`: an effect as a point names it. */
export type EffectName = string;

/** How far each effect had come, by a journal: begun and not done, done, or not there at all. */
export function effectsSaid(entries: readonly JournalEntry[]): ReadonlyMap<EffectName, 'begun' | 'done'> {
  const said = new Map<EffectName, 'begun' | 'done'>();
  for (const { fact } of entries) {
    if (fact.type !== 'intent' && fact.type !== 'done') continue;
    const { step, direction, target } = fact.key;
    const name = `${direction === 'undo' ? 'undo ' : ''}${step} ${target} ${fact.effect}`;
    said.set(name, fact.type === 'done' ? 'done' : (said.get(name) ?? 'begun'));
  }
  return said;
}

/** Whether the worker had been told to take this step, in this direction. */
export const isBegun = (entries: readonly JournalEntry[], step: StepName, direction: Direction = 'forward'): boolean =>
  entries.some(({ fact }) => fact.type === 'event' && fact.what === 'step-began' && isOf(fact.facts, step, direction));

/** Whether the journal has the step's end: it comes with the order of the step behind it. */
export const isEnded = (entries: readonly JournalEntry[], step: StepName, direction: Direction = 'forward'): boolean =>
  entries.some(({ fact }) => fact.type === 'event' && fact.what === 'step-ended' && isOf(fact.facts, step, direction));

const isOf = (facts: unknown, step: StepName, direction: Direction): boolean => {
  const told = facts as { step?: string; direction?: string };
  return told.step === step && told.direction === direction;
};

/** What a point claims of the journal at the moment of the kill. */
export interface Claim {
  readonly done?: readonly EffectName[];
  /** Under way: intended, and no result on record. */
  readonly begun?: readonly EffectName[];
  readonly neither?: readonly EffectName[];
}

/** Why the claim does not hold; nothing when it does. */
export function findFalse(entries: readonly JournalEntry[], claim: Claim): string | undefined {
  const said = effectsSaid(entries);
  const wrong = (names: readonly EffectName[] | undefined, wanted: 'begun' | 'done' | undefined): string[] =>
    (names ?? [])
      .filter(name => said.get(name) !== wanted)
      .map(name => `${name}: ${wanted ?? 'nothing'} expected, ${said.get(name) ?? 'nothing'} found`);
  const all = [...wrong(claim.done, 'done'), ...wrong(claim.begun, 'begun'), ...wrong(claim.neither, undefined)];
  return all.length === 0 ? undefined : all.join('; ');
}
