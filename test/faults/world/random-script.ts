import type { FaultKind } from '../../../src/drivers/scripted/world.ts';
import { type Chance, chanceOf } from './chance.ts';
import { type At, type Deed, MEDDLINGS, type Meddling, quiet, type Script, WORLDS } from './script.ts';

const SHAPES = Object.keys(WORLDS) as Script['shape'][];
/** What somebody may do by hand is looked for by the next verification: it is done before one, never after it. */
const BEFORE_A_VERIFICATION = new Set([
  'create',
  'unpack',
  'stage-file',
  'stop',
  'rename',
  'swap',
  'swap-file',
  'start',
]);
const isOfTheGate = ({ target }: At): boolean => target.startsWith('gate');
const KINDS: readonly FaultKind[] = ['refuse', 'unavailable', 'done-then-fails', 'lie', 'stall'];
/** Rare things are those that cost a run seconds. */
const DEEDS: readonly Deed[] = ['dies', 'dies-after', 'cancel', 'abort', 'pause', 'terminate', 'engine-restarts'];
const MEDDLES = Object.keys(MEDDLINGS) as Meddling[];

/** The calls of a calm run of each shape: what a random one draws its moments from. */
export type Calls = Readonly<Record<Script['shape'], readonly At[]>>;

/** The run of one seed. Pure: of the same seed and the same calls it is the same. */
export function randomScript(seed: number, calls: Calls): Script {
  const chance = chanceOf(seed);
  const shape = chance.of(SHAPES);
  const of = calls[shape];
  const script: Script = {
    ...quiet(shape),
    phase: chance.of([4_000, 20_000]),
    beforeRestore: chance.of(['revert', 'revert', 'ask']),
    afterRestore: chance.of(['revert', 'ask']),
    afterRevert: chance.once(5) ? 'stay-shut' : 'open',
    faults: several(chance, [0, 1, 1, 1, 2, 2, 3], () => fault(chance, of)),
    deeds: several(chance, [0, 0, 0, 1, 1, 2], () => deed(chance, of)),
    answers: several(chance, [0, 1, 1, 2, 3], () => chance.of(['retry', 'retry', 'revert', 'handover'] as const)),
  };
  return {
    ...script,
    ...(chance.once(6) ? { approval: chance.of(['confirm', 'confirm', 'confirm', 'deny', 'silence'] as const) } : {}),
    ...(chance.once(4) ? { twice: true } : {}),
    ...(chance.once(8) ? { release: chance.of([{ starts: false }, { healthy: false }, { loops: true }]) } : {}),
    ...(chance.once(8) ? { settles: true } : {}),
  };
}

const several = <T>(chance: Chance, counts: readonly number[], make: () => T): readonly T[] =>
  Array.from({ length: chance.of(counts) }, make);

/** Anywhere in a calm run, or beyond its count: where only an undo or a retry comes. */
function moment(chance: Chance, calls: readonly At[]): At {
  const at = chance.of(calls);
  return chance.once(3) ? { ...at, nth: at.nth + 1 + chance.nat(2) } : at;
}

function fault(chance: Chance, calls: readonly At[]): Script['faults'][number] {
  const kind = chance.of(KINDS);
  const most = kind === 'stall' ? 2 : 4;
  return { ...moment(chance, calls), kind, times: 1 + chance.nat(most) };
}

function deed(chance: Chance, calls: readonly At[]): Script['deeds'][number] {
  if (!chance.once(3)) return { ...moment(chance, calls), deed: chance.of(DEEDS) };
  const before = calls.filter(at => BEFORE_A_VERIFICATION.has(at.call) && !isOfTheGate(at));
  return { ...chance.of(before), deed: chance.of(MEDDLES) };
}
