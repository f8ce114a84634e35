import assert from 'node:assert/strict';
import { fenceText, isOlder } from '../../../src/executor/fence.ts';
import { journalsOf } from '../../workflows/evidence-of.ts';
import { given } from '../../workflows/given.ts';
import { useStage } from '../../workflows/shared-worker.ts';
import { planOf } from '../world/plan-of.ts';
import { HEARTBEAT_MS } from '../world/play.ts';
import { quiet, WORLDS } from '../world/script.ts';

// A worker process with a scripted platform of its own, for `zombie.test.ts` to freeze: says when it is in the middle of a
// step, plays the run to its end, holds it to the promises, and tells what came of it.

const FROZEN_AT = ['rename', 'gate'] as const;
const temporal = await useStage();
const endings: (() => unknown)[] = [];
const scene = await given({ after: end => void endings.push(end as () => unknown) }, temporal, {
  alone: true,
  shape: WORLDS['one-tier'].shape,
  plan: planOf({ ...quiet('one-tier'), phase: 120_000 }),
  heartbeat: HEARTBEAT_MS,
  atEnd: end => void endings.push(end),
});
const goOn = new Promise(resolve => process.once('message', resolve));
scene.at(...FROZEN_AT, async () => {
  process.send?.({ at: FROZEN_AT.join(' '), workflow: `rollback:${scene.platform.name}` });
  await goOn;
});
const { report } = await scene.run();

const times = new Map<string, number>();
for (const { call, target } of scene.world.happenings)
  times.set(`${call} ${target}`, (times.get(`${call} ${target}`) ?? 0) + 1);
// A policy is set aside and given back; all else happens once.
const twice = [...times].filter(([name, count]) => count > (name.startsWith('set-policy') ? 2 : 1));
const [journal] = (await journalsOf(scene.platform)).filter(({ run }) => run === report.run);
assert.ok(journal !== undefined);
const orders = journal.entries.flatMap(({ fact, seq }) => (fact.type === 'order' ? [{ seq, ...fact }] : []));
/** Acts that were begun after a newer order was taken on. */
const late = journal.entries.flatMap(({ fact, seq }) => {
  if (fact.type !== 'intent') return [];
  const newer = orders.find(order => order.seq < seq && isOlder(fact.fence, order.fence));
  return newer === undefined ? [] : [`entry ${seq}: ${fact.effect} under ${fenceText(fact.fence)}`];
});
const attempts = Math.max(...orders.filter(({ key }) => key.step === 'swap-in').map(({ fence }) => fence.attempt));
const refused = journal.entries.filter(({ fact }) => fact.type === 'refused').length;
for (const end of endings.reverse()) await end();
const told = { outcome: report.outcome, twice: twice.map(([name]) => name), late, attempts, refused };
process.send?.(told, () => process.exit());
