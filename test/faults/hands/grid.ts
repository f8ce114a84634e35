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
/** What nobody is told of, and why that does no harm; each is laid all the same, but where nothing runs that a shell could be in. */
const UNNAMED: Readonly<Record<string, string>> = {
  "exec'd into, snapshot": 'it ends with its container, which is stopped next',
  "exec'd into, stop": 'it ends with its container, which is being stopped',
  "exec'd into, restore": 'no service runs',
  "exec'd into, start": 'services are being started, and verification names who is inside',
  'updated, restore': 'what is changed is set aside as it is',
};

/** Deeds in phases, each as `renamed, stop`: those that some row lays and has named, those that none does, and those let be. */
export function grid(): {
  readonly named: readonly string[];
  readonly missing: readonly string[];
  readonly unnamed: readonly string[];
} {
  const cells = Object.entries(DEEDS).flatMap(([deed, hands]) => {
    const phases = new Set(
      ROWS.filter(({ hand, says }) => hands.test(hand.name) && says !== undefined).flatMap(({ at }) =>
        at.map(point => phaseOf(point)),
      ),
    );
    return PHASES.map(phase => ({ cell: `${deed}, ${phase}`, isNamed: phases.has(phase) }));
  });
  return {
    named: cells.flatMap(({ cell, isNamed }) => (isNamed ? [cell] : [])),
    missing: cells.flatMap(({ cell, isNamed }) => (isNamed || cell in UNNAMED ? [] : [cell])),
    unnamed: Object.entries(UNNAMED).map(([cell, why]) => `${cell}: ${why}`),
  };
}

const phaseOf = (point: (typeof ROWS)[number]['at'][number]): Phase | undefined =>
  point === 'held' || point === 'undo' ? undefined : PHASE_OF[point];
