import type { Phase } from '../../../src/plan/plan.ts';
import { PHASE_OF } from '../../../src/run/step.ts';
import { ROWS } from './rows.ts';

/** What somebody does to a service, whichever way. */
const DEEDS: Readonly<Record<string, RegExp>> = {
  restarted: /^a service restarted/,
  're-created': /^(a service made again|docker-compose up)/,
  renamed: /^a service renamed/,
  updated: /^a service’s (restart policy|limits) set$/,
  "exec'd into": /^a shell in/,
  deleted: /^a service deleted/,
};
/** A run that is being admitted has looked at nothing yet. */
const PHASES = [...new Set(Object.values(PHASE_OF))].filter(phase => phase !== 'admit');
/** What nobody is told of, and why that does no harm. */
const UNNAMED: Readonly<Record<string, string>> = {
  "exec'd into, snapshot": 'it ends with its container, which is stopped next',
  "exec'd into, stop": 'it ends with its container, which is being stopped',
  "exec'd into, restore": 'no service runs that a shell could be in',
  "exec'd into, start": 'no service runs yet when it begins; whoever is inside one later is met in verify',
  'updated, restore': 'what is changed is set aside as it is',
};

/** Of these, what no row lays either. */
const UNLAID = new Set(["exec'd into, restore", "exec'd into, start"]);

/** Deeds in phases, each as `renamed, stop`: those that some row lays and has named, those that none does, and those let be. */
export function grid(): {
  readonly named: readonly string[];
  readonly missing: readonly string[];
  readonly unnamed: readonly string[];
} {
  const cells = Object.entries(DEEDS).flatMap(([deed, hands]) => {
    const rows = ROWS.filter(({ hand }) => hands.test(hand.name));
    const [laid, named] = [rows, rows.filter(({ says }) => says !== undefined)].map(phasesOf);
    return PHASES.map(phase => {
      const cell = `${deed}, ${phase}`;
      const isNamed = named!.has(phase);
      const isMissing = cell in UNNAMED ? !laid!.has(phase) && !UNLAID.has(cell) : !isNamed;
      return { cell, isNamed, isMissing };
    });
  });
  return {
    named: cells.flatMap(({ cell, isNamed }) => (isNamed ? [cell] : [])),
    missing: cells.flatMap(({ cell, isMissing }) => (isMissing ? [cell] : [])),
    unnamed: Object.entries(UNNAMED).map(([cell, why]) => `${cell}: ${why}`),
  };
}

const phasesOf = (rows: readonly (typeof ROWS)[number][]) => new Set(rows.flatMap(({ at }) => at.map(phaseOf)));
const phaseOf = (point: (typeof ROWS)[number]['at'][number]): Phase | undefined =>
  point === 'held' || point === 'undo' ? undefined : PHASE_OF[point];
