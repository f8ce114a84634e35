import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type Docker from 'dockerode';
import type { RunReport } from '../../src/run/report.ts';
import type { Stage } from '../../testbed/demo/stage.ts';
import { type Row, readStores } from '../../testbed/n3xus/read-stores.ts';
import { CANARY } from '../../testbed/n3xus/releases.ts';
import { SERVICES } from '../../testbed/n3xus/service/directory.ts';
import type { TrafficRecord } from '../../testbed/n3xus/traffic-record.ts';
import type { Recorder } from '../../testbed/recorder/recorder.ts';
import type { RunEvidence } from '../checker/evidence.ts';
import { timelineOf } from '../checker/timeline.ts';
import { approvedIn, requestIn } from './approved.ts';
import { capturesOn } from './captures.ts';
import { CAUSES, claimsIn, imageIds, journalOf, liveName, toEngineEvents } from './evidence.ts';
import { type Looks, lookAt } from './looks.ts';

const CONTAINERS = [...SERVICES.map(({ name }) => name), 'nginx'];

/** Every container of N3XUS, by name. */
export async function lookAtN3xus(engine: Docker): Promise<Looks> {
  const looks = await Promise.all(CONTAINERS.map(async name => [name, await lookAt(engine, name)] as const));
  return new Map(looks.flatMap(([name, look]) => (look === undefined ? [] : [[name, look] as const])));
}

export interface N3xusSeen {
  readonly report: RunReport;
  readonly history: string;
  readonly good: Looks;
  readonly now: Looks;
  readonly since: Date;
  readonly traffic: TrafficRecord;
  readonly recorder: Recorder;
}

/** All that is known of one run on N3XUS. How many rows it gave up is compared with the stores by `lossFaults`. */
export async function n3xusEvidence({ engine, platform, directory }: Stage, seen: N3xusSeen): Promise<RunEvidence> {
  const { report } = seen;
  const state = join(directory, 'state');
  const entries = journalOf(state, 'n3xus', report.run);
  const observed = await lookAtN3xus(engine);
  const events = (await seen.recorder.events()).filter(({ at }) => at >= seen.since.toISOString());
  const ours = events.filter(({ name }) => CONTAINERS.includes(liveName(name)));
  const recorder = toEngineEvents(ours, await imageIds({ client: engine }), { targetOf });
  const timeline = timelineOf(entries);
  const frozenAt = timeline.find(moment => moment.what === 'gate-shut')?.at;
  const answers = seen.traffic.answers.filter(({ status, at }) => status === 200 && at >= seen.since.getTime());
  const names = new Set(answers.flatMap(({ servedBy }) => servedBy.map(part => part.split('@')[0] as string)));
  const side = (version: string) => Object.fromEntries([...names].map(name => [name, version]));
  const targets = [...seen.good].map(([target, release]) => {
    const found = observed.get(target);
    return {
      target,
      now: seen.now.get(target) ?? { version: '' },
      release,
      ...(found === undefined ? {} : { observed: found }),
    };
  });
  const gate = targets.find(({ target }) => target === 'nginx');
  return {
    run: report.run,
    journals: [{ platform: 'n3xus', run: report.run, entries }],
    outcome: report.outcome,
    approved: approvedIn(seen.history, { state, hash: report.runHash }),
    // The gate's own container is started under the gate's name.
    targets: gate === undefined ? targets : [...targets, { ...gate, target: 'ingress' }],
    gates: [{ gate: 'ingress', state: (await fetch(`${platform.url}/health`)).ok ? 'open' : 'unknown' }],
    timeline,
    recorder,
    causes: CAUSES,
    captures: await capturesOn({ platform: 'n3xus', state, snapshots: join(directory, 'snapshots') }),
    claims: claimsIn(events),
    writes: await writesIn(engine, seen.traffic),
    loss: {
      ceiling: requestIn(seen.history).lossCeiling ?? 0,
      ...(frozenAt === undefined ? {} : { frozenAt }),
    },
    answers: answers.map(({ at, servedBy }) => ({
      at: new Date(at).toISOString(),
      versions: Object.fromEntries(servedBy.map(part => part.split('@') as [string, string])),
    })),
    served: { now: side('v2'), release: side('v1') },
    texts: [
      { name: 'history', text: seen.history },
      { name: 'journal', text: JSON.stringify(entries) },
      { name: 'report', text: JSON.stringify(report) },
      { name: "the worker's log", text: readFileSync(join(state, 'worker.log'), 'utf8') },
    ],
    canaries: [CANARY],
    decisions: report.heard.map(() => 'heard'),
  };
}

/** Each acknowledged charge in each of the three stores. */
async function writesIn(engine: Docker, { acknowledged }: TrafficRecord): Promise<NonNullable<RunEvidence['writes']>> {
  const charges = [...acknowledged.values()];
  return Object.entries(await readStores(engine)).flatMap(([store, rows]) => {
    const times = Map.groupBy(rows as readonly Row[], ({ id }) => id);
    return charges.map(({ id, at }) => ({
      id: `${id} in ${store}`,
      acknowledgedAt: new Date(at).toISOString(),
      present: times.get(id)?.length ?? 0,
    }));
  });
}

/** What is done to the gate goes by the gate's name; what swaps its container, by the target's. */
const targetOf = (container: string, action: string): string =>
  container === 'nginx' && ['start', 'die', 'update'].includes(action) ? 'ingress' : container;
