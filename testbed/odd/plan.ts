import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { type Document, parseDocument } from 'yaml';
import type { Odd } from './platform.ts';
import { STORE, TIERS } from './requests.ts';

/** What of a platform of odd containers its plan names. */
export interface OddParts {
  /** Container -> tier; empty for the gate's. */
  readonly tiers: Readonly<Record<string, string>>;
  readonly gate: string;
  /** What is published beside the gate is accepted by its name. */
  readonly accepted: readonly string[];
  /** Asked over HTTP, in its own network or its lender's. */
  readonly probed: readonly string[];
  /** A volume. */
  readonly store: string;
}

export const ODD_PARTS: OddParts = {
  tiers: TIERS,
  gate: 'gate',
  accepted: ['hub', 'poll', 'onhost'],
  probed: ['hub', 'base', 'sidecar'],
  store: STORE,
};

export interface OddPlanOptions {
  readonly file: string;
  readonly platform: string;
  readonly odd: Pick<Odd, 'url'>;
  readonly parts?: OddParts;
  /** As DOCKER_HOST. */
  readonly socket: string;
  readonly snapshots: string;
  readonly webhook: { readonly url: string; readonly secretFile: string };
  edit?(plan: Document): void;
}

/** The odd platform's plan: short budgets, no soak. `sidecar` is asked in its lender's network. */
export function writeOddPlan({
  file,
  platform,
  odd,
  parts = ODD_PARTS,
  socket,
  snapshots,
  webhook,
  edit,
}: OddPlanOptions): void {
  mkdirSync(snapshots, { recursive: true, mode: 0o700 });
  const { tiers, gate, accepted, probed, store } = parts;
  const services = Object.entries(tiers).flatMap(([name, tier]) => {
    if (name === gate) return [];
    const probes = probed.includes(name) ? '[{ http: /health, port: 8080, within: 3s }]' : '[]';
    return [`  ${name}: { docker: ${name}, tier: ${tier}, stop: { grace: 3s }, probes: ${probes} }`];
  });
  const plan = parseDocument(`version: 1
platform: ${platform}
hosts: { main: { docker: ${JSON.stringify(socket)} } }
tiers: [${[...new Set(Object.values(tiers).filter(tier => tier !== ''))].join(', ')}]
targets:
${services.join('\n')}
  ${gate}: { docker: ${gate} }
  data: { docker-volume: ${store}, data: keep, count: { lines: nothing } }
gates:
  ${gate}: { docker: ${gate}, by: stop, grace: 2s, observe: { http: "${odd.url}/version", shut: refused } }
accept: { containers: [${accepted.join(', ')}] }
release: { soak: 0s, keep: 3 }
snapshots: { store: ${JSON.stringify(snapshots)} }
budgets:
  freeze: { target: 5s, max: 30s }
  stop: { target: 20s, max: 60s }
  start: { target: 20s, max: 60s }
  verify: { target: 20s, max: 60s }
  thaw: { target: 10s, max: 30s }
  undo: { target: 20s, max: 60s }
verify:
  window: 1s
  restarts: 0
  front-door: [{ http: "${odd.url}/version", within: 3s }]
policy:
  P0: { approvals: 0 }
on-failure: { before-restore: revert, after-restore: revert, silence: stay, within: 10m }
channels: { oncall: { webhook: "${webhook.url}", secret: "\${file:${webhook.secretFile}}" } }
escalation:
  - { level: 1, tell: [oncall], acknowledge-within: 5m }
aftercare: { for: 1h, every: 1h }
`);
  edit?.(plan);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, plan.toString({ lineWidth: 0 }));
}
