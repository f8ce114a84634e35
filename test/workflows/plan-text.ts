import type { Shape } from './shapes.ts';

export interface PlanChoices {
  /** YAML lines that replace those of the same key in the plan, or are laid over its end. */
  readonly plan?: string;
  readonly approvals?: number;
  readonly data?: 'keep' | 'restore';
}

/** Budgets short enough to run out in a test, long enough for two busy cores. */
export function planText(name: string, directory: string, shape: Shape, choices: PlanChoices): string {
  const { plan = '', approvals = 0, data = 'keep' } = choices;
  const own = new Set([...plan.matchAll(/^([a-z-]+):/gm)].map(match => match[1]));
  const base = {
    version: '1',
    platform: name,
    hosts: '{ main: {} }',
    tiers: shape.tiers,
    targets: `\n${shape.targets(data)}`,
    gates: '{ ingress: { docker: gate, by: stop, observe: { http: "http://127.0.0.1:1/", shut: refused } } }',
    release: '{ soak: 1s, keep: 3 }',
    snapshots: `{ store: ${directory}/snapshots }`,
    channels: '{ oncall: { log: true }, lead: { log: true } }',
    escalation: `
  - { level: 1, tell: [oncall], acknowledge-within: 1s }
  - { level: 2, tell: [lead], acknowledge-within: 1s }`,
    policy: `{ P0: { approvals: ${approvals}, by: [anyone], within: 30s, silence: refuse } }`,
    verify: '{ window: 200ms, front-door: [{ http: "http://127.0.0.1:1/health" }] }',
    aftercare: '{ for: 1s, every: 1s }',
  };
  const lines = Object.entries(base).filter(([key]) => !own.has(key));
  return `${lines.map(([key, value]) => `${key}: ${value}`).join('\n')}\n${plan}\n`;
}
