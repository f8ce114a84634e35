import type { Call, Made } from '../drivers/contract.ts';
import { DriverError } from '../drivers/errors.ts';
import { beforeRelease, type TargetId } from '../plan/ids.ts';
import type { Target } from '../plan/plan.ts';
import { isSwapped } from '../plan/run-plan.ts';
import { found, foundStates, journalOfObjects, type Session } from './session.ts';

/** Whose object a name stands for: what was found before the freeze, or what this run made of the release. */
export type Side = 'found' | 'release';

/** Keeps what a verb made by the id that it will be known by: whoever takes its name later is somebody else. */
export async function noteMade(s: Session, target: string, made: Made, side: Side): Promise<void> {
  const { identity } = made;
  if (identity === undefined || (await madeBefore(s, target, side)) === identity) return;
  await s.journal.append({ type: 'made', target, identity, as: side });
}

/**
 * The very object that a target's name must stand for. Names are changed by anybody; the journal holds the ids.
 * @returns undefined where the journal does not say
 */
export async function identityOf(s: Session, target: string, side: Side): Promise<string | undefined> {
  const made = await madeBefore(s, target, side);
  const swapped = s.runPlan.targets.some(one => one.target === target && isSwapped(one));
  if (made !== undefined || (side === 'release' && swapped)) return made;
  return (await foundStates(s)).find(state => state.target === target)?.identity;
}

async function madeBefore(s: Session, target: string, side: Side): Promise<string | undefined> {
  const journals = [await journalOfObjects(s), s.journal];
  const facts = journals.flatMap(journal => journal.entries().map(entry => entry.fact));
  const fact = facts.findLast(one => one.type === 'made' && one.target === target && one.as === side);
  return fact?.type === 'made' ? fact.identity : undefined;
}

/** On which side of the swap a step's names are. */
export const sideOf = (s: Session): Side =>
  ['start-tiers', 'judge-inside', 'open-gates', 'judge-front-door'].includes(s.order.step) &&
  !(s.order.direction === 'undo' && s.order.step === 'judge-inside')
    ? 'release'
    : 'found';

/**
 * What undo kept may have vanished under somebody's hand: what was found is then made again, from the encrypted record
 * that this run made of it before it touched anything. Nothing happens while it is there. What else has its name is a
 * stranger's, or was made by an attempt that died before it was whole and noted: the driver tells them apart.
 */
export async function remakeWhereGone(s: Session, target: Target, call: Call): Promise<string> {
  const driver = s.drivers.of(target.kind);
  if (driver.remake === undefined) return '';
  const live = await findIdentity(s, target);
  if (live !== undefined && live === (await identityOf(s, target.id, 'found'))) return '';
  const { platform } = s.plan;
  const recorded = await s.deps.ledger.load(platform, beforeRelease(s.objectsOf), target.id as TargetId);
  const made = await found(driver.remake, 'remake').call(driver, target as never, recorded, call);
  await noteMade(s, target.id, made, 'found');
  return made.note;
}

/** Of whatever has the target's name now; nothing when none has it. */
async function findIdentity(s: Session, target: Target): Promise<string | undefined> {
  try {
    return (await s.drivers.of(target.kind).observe(target as never, s.look)).identity;
  } catch (error) {
    if (error instanceof DriverError && error.kind === 'missing') return undefined;
    throw error;
  }
}
