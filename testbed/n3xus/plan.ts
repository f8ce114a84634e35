import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type Document, parseDocument } from 'yaml';
import { ROOT } from './packages.ts';
import type { Platform } from './platform.ts';

export interface PlanOptions {
  /** Where the plan is written. */
  readonly file: string;
  readonly platform: Platform;
  /** As DOCKER_HOST: `unix:///run/docker.sock`. */
  readonly socket: string;
  /** The directory for snapshots; made when missing. */
  readonly snapshots: string;
  /** Who is told; without it only the log is. */
  readonly webhook?: { readonly url: string; readonly secretFile: string };
  /** `2s`: how long the platform must hold still. The plan's own when absent. */
  readonly verifyWindow?: string;
  readonly soak?: string;
  readonly aftercare?: { readonly for: string; readonly every: string };
  /** Phase -> its budget, in place of the plan's: `{ stop: { target: '5s', max: '20s' } }`. */
  readonly budgets?: Readonly<Record<string, { readonly target: string; readonly max: string }>>;
  /** Volumes whose data the run replaces. */
  readonly restore?: readonly string[];
  /** Anything else, last. */
  edit?(plan: Document): void;
}

/** The example's plan with this platform's socket, port, paths and secret files; the rest of it, comments too, as it is. */
export function writePlan(options: PlanOptions): void {
  const { platform, file } = options;
  const plan = parseDocument(readFileSync(join(ROOT, 'examples/n3xus/plan.yaml'), 'utf8'));
  const set = (path: readonly (string | number)[], value: unknown) => {
    if (!plan.hasIn(path)) throw new Error(`examples/n3xus/plan.yaml has no ${path.join('.')} to replace`);
    plan.setIn(path, typeof value === 'object' ? plan.createNode(value, { flow: true }) : value);
  };
  set(['hosts', 'main', 'docker'], options.socket);
  set(['targets', 'postgres', 'probes', 0, 'password'], `\${file:${platform.secrets.postgres}}`);
  set(['targets', 'auth-service', 'probes', 1, 'bearer'], `\${file:${platform.secrets.probeToken}}`);
  set(['targets', 'nginx-conf', 'files'], join(platform.directory, 'nginx'));
  set(['gates', 'ingress', 'observe', 'http'], `${platform.url}/health`);
  set(['verify', 'front-door', 0, 'http'], `${platform.url}/health`);
  set(['verify', 'front-door', 1, 'http'], `${platform.url}/api/auth/health`);
  mkdirSync(options.snapshots, { recursive: true, mode: 0o700 });
  set(['snapshots', 'store'], options.snapshots);

  const { webhook } = options;
  if (webhook === undefined) {
    plan.deleteIn(['channels', 'oncall']);
    set(['escalation', 0, 'tell'], ['journal']);
    set(['escalation', 1, 'tell'], ['journal']);
  } else {
    set(['channels', 'oncall', 'webhook'], webhook.url);
    set(['channels', 'oncall', 'secret'], `\${file:${webhook.secretFile}}`);
  }
  if (options.verifyWindow !== undefined) set(['verify', 'window'], options.verifyWindow);
  if (options.soak !== undefined) set(['release', 'soak'], options.soak);
  if (options.aftercare !== undefined) set(['aftercare'], options.aftercare);
  for (const [phase, budget] of Object.entries(options.budgets ?? {})) plan.setIn(['budgets', phase], { ...budget });
  for (const volume of options.restore ?? []) set(['targets', volume, 'data'], 'restore');
  options.edit?.(plan);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, plan.toString({ lineWidth: 0 }));
}
