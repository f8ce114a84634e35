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
/** No container of the platform runs then that a shell could be in. */
const IMPOSSIBLE = new Set(["exec'd into, restore", "exec'd into, start"]);

/** Deeds in phases, each as `renamed, stop`: those that some row lays, and those that none does. */
export function grid(): { readonly laid: readonly string[]; readonly missing: readonly string[] } {
  const cells = Object.entries(DEEDS).flatMap(([deed, hands]) => {
    const phases = new Set(
      ROWS.filter(({ hand }) => hands.test(hand.name)).flatMap(({ at }) => at.map(point => phaseOf(point))),
    );
    return PHASES.map(phase => ({ cell: `${deed}, ${phase}`, isLaid: phases.has(phase) }));
  });
  return {
    laid: cells.flatMap(({ cell, isLaid }) => (isLaid ? [cell] : [])),
    missing: cells.flatMap(({ cell, isLaid }) => (isLaid || IMPOSSIBLE.has(cell) ? [] : [cell])),
  };
}

const phaseOf = (point: (typeof ROWS)[number]['at'][number]): Phase | undefined =>
  point === 'held' || point === 'undo' ? undefined : PHASE_OF[point];
