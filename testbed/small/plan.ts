import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type Document, parseDocument } from 'yaml';
import type { Small } from './platform.ts';
import { SERVICES } from './requests.ts';

export interface SmallPlanOptions {
  readonly file: string;
  /** `small` unless several stand beside each other on one server. */
  readonly platform: string;
  readonly small: Small;
  /** As DOCKER_HOST. */
  readonly socket: string;
  readonly snapshots: string;
  readonly webhook?: { readonly url: string; readonly secretFile: string };
  edit?(plan: Document): void;
}

/** The small platform's plan: short budgets, no soak, and v1 is what its probes of `work` ask for. */
export function writeSmallPlan({ file, platform, small, socket, snapshots, webhook, edit }: SmallPlanOptions): void {
  mkdirSync(snapshots, { recursive: true, mode: 0o700 });
  const probe = (version: boolean) =>
    `[{ http: /cgi-bin/health, port: 8080, within: 3s, json: { /status: ok${version ? ', /version: v1' : ''} } }]`;
  const services = SERVICES.filter(({ tier }) => tier !== '').map(
    ({ name, tier }) =>
      // What writes a store is never killed: one that is slow on a busy machine would fail its step.
      `  ${name}: { docker: ${name}, tier: ${tier}, stop: { grace: ${name === 'store' ? 10 : 2}s }, probes: ${probe(name === 'work')} }`,
  );
  const plan = parseDocument(`version: 1
platform: ${platform}
hosts: { main: { docker: ${JSON.stringify(socket)} } }
tiers: [stores, services]
targets:
${services.join('\n')}
  data: { docker-volume: small-data, data: keep, count: { lines: journal.log } }
  gate: { docker: gate }
  conf: { files: ${JSON.stringify(join(small.directory, 'conf'))}, used-by: [front] }
gates:
  gate: { docker: gate, by: stop, grace: 2s, observe: { http: "${small.url}/cgi-bin/health", shut: refused } }
release: { soak: 0s, keep: 3 }
snapshots: { store: ${JSON.stringify(snapshots)} }
budgets:
  freeze: { target: 5s, max: 30s }
  stop: { target: 10s, max: 30s }
  start: { target: 10s, max: 30s }
  verify: { target: 10s, max: 30s }
  thaw: { target: 10s, max: 30s }
  undo: { target: 10s, max: 30s }
verify:
  window: 500ms
  restarts: 0
  front-door: [{ http: "${small.url}/cgi-bin/ask?read", within: 3s }]
policy:
  P0: { approvals: 0 }
  P1: { approvals: 1, within: 5m, silence: refuse }
on-failure: { before-restore: revert, after-restore: revert, silence: stay, within: 10m }
channels: { journal: { log: true }${webhook === undefined ? '' : `, oncall: { webhook: "${webhook.url}", secret: "\${file:${webhook.secretFile}}" }`} }
escalation:
  - { level: 1, tell: [${webhook === undefined ? 'journal' : 'oncall'}], acknowledge-within: 5m }
aftercare: { for: 1h, every: 1h }
`);
  edit?.(plan);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, plan.toString({ lineWidth: 0 }));
}
