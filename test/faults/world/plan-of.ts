import type { Script } from './script.ts';

const PHASES = ['prepare', 'freeze', 'snapshot', 'stop', 'restore', 'start', 'verify', 'thaw', 'undo'] as const;

/**
 * The lines of a script's plan. Nothing in it waits longer than it must: one level of people who are told once, an
 * approval that is given up after seconds, a short verification.
 */
export function planOf({ phase, beforeRestore, afterRestore, afterRevert, approval, settles }: Script): string {
  const budget = `{ target: ${Math.round(phase / 4)}ms, max: ${phase}ms }`;
  const approvals = approval === undefined ? 0 : 1;
  const within = approval === 'silence' ? '1s' : '60s';
  return [
    `budgets: { ${PHASES.map(one => `${one}: ${budget}`).join(', ')} }`,
    `on-failure: { before-restore: ${beforeRestore}, after-restore: ${afterRestore}, silence: stay, within: 1s }`,
    `after-revert: ${afterRevert}`,
    'escalation:\n  - { level: 1, tell: [oncall], acknowledge-within: 1h }',
    `policy: { P0: { approvals: ${approvals}, by: [anyone], within: ${within}, silence: refuse } }`,
    'verify: { window: 20ms, front-door: [{ http: "http://127.0.0.1:1/health" }] }',
    settles === true ? 'aftercare: { for: 1s, every: 1s }' : 'aftercare: { for: 1h, every: 1h }',
  ].join('\n');
}
