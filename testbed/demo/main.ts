import { writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import type { Loss } from '../../src/plan/run-plan.ts';
import { judgeLosses } from '../n3xus/check-losses.ts';
import { checkWrites } from '../n3xus/check-writes.ts';
import { deploy } from '../n3xus/deploy.ts';
import { versions } from '../n3xus/inspect.ts';
import { readStores } from '../n3xus/read-stores.ts';
import { startTraffic, type Traffic } from '../n3xus/traffic.ts';
import { versionsOf } from '../n3xus/traffic-record.ts';
import { poll } from '../process/poll.ts';
import { sayToStderr } from '../say.ts';
import { aborted, chapter, fact, interruption, verdict } from './narrate.ts';
import { differing, notAt, settingsOfAll } from './proof.ts';
import { type Stage, setStage } from './stage.ts';

const { values: options } = parseArgs({
  options: {
    corrupt: { type: 'boolean', default: false },
    'private-engine': { type: 'boolean', default: false },
  },
});
const STORES = ['postgres-data', 'ledger-data', 'wallet-data'];
const REPORT = join(tmpdir(), 'lastgood-demo-report.md');
/** How long the bad release is left under traffic. */
const DAMAGE_MS = 6_000;

/** Brings everything up, breaks it with a bad release, rolls it back, and proves that it is whole. @returns whether it is */
async function demo(stage: Stage): Promise<boolean> {
  const { engine, platform, lastgood } = stage;

  chapter('1', 'A good release');
  await lastgood.ask('setup');
  await lastgood.startWorker();
  await lastgood.show('release', 'record', 'n3xus', 'v1');
  await lastgood.show('release', 'good', 'n3xus', 'v1');
  const before = await settingsOfAll(engine);

  chapter(
    '2',
    `A bad release is deployed under traffic${options.corrupt ? ': it corrupts rows' : ': fees are not charged, authentication fails'}`,
  );
  const traffic = startTraffic({ url: platform.url, rate: 40 });
  try {
    await delay(3_000);
    let capturedAt = 0;
    await deploy(engine, platform, {
      to: 'v2',
      faults: options.corrupt ? 'corrupt-rows@ledger-mgr' : 'no-fee,auth-errors',
      say: sayToStderr,
      whileShut: async () => {
        capturedAt = Date.now();
        await lastgood.show('release', 'record', 'n3xus', '--capture');
      },
    });
    const badSince = Date.now();
    await delay(DAMAGE_MS);
    await showDamage(stage, traffic, badSince);

    chapter('3', 'What lastgood would do');
    const accept = options.corrupt ? ['--accept-loss', '100000'] : [];
    await lastgood.show('plan', 'n3xus', ...accept);

    chapter('4', 'The rollback');
    const reason = options.corrupt ? 'rows are corrupted' : 'fees are not charged';
    const running = lastgood.show('run', 'n3xus', '--reason', reason, '--consent', 'n3xus', ...accept);
    await confirmOnceAsked(lastgood);
    const code = await running;
    if (code !== 0) return verdict(false, `the run ended with ${code}`);
    await delay(2_000);
    const record = await traffic.stop();

    chapter('5', 'Proof');
    const checks: boolean[] = [];
    const wrong = await notAt(engine, 'v1');
    checks.push(
      verdict(wrong.length === 0, wrong.length === 0 ? 'every service runs v1' : `not at v1: ${wrong.join(', ')}`),
    );
    const changed = differing(before, await settingsOfAll(engine));
    checks.push(
      verdict(
        changed.length === 0,
        changed.length === 0
          ? `all ${before.size} containers are inspected as before the bad release`
          : `inspected otherwise: ${changed.join(', ')}`,
      ),
    );
    const mixed = record.mixedAnswers();
    checks.push(
      verdict(
        mixed.length === 0,
        `${mixed.length} of ${record.answers.length} answers were served by two versions mixed`,
      ),
    );
    checks.push(...(await proveWrites(stage, record, options.corrupt ? capturedAt : undefined)));
    return checks.every(Boolean);
  } finally {
    await traffic.stop();
  }
}

/** The plan asks for one approval: the demo gives it, as an engineering manager would from another terminal. */
async function confirmOnceAsked(lastgood: Stage['lastgood']): Promise<void> {
  await poll({ what: 'the run to ask for its approval', deadlineMs: 60_000, everyMs: 500 }, async () => {
    const { runHash } = JSON.parse(await lastgood.ask('-o', 'json', '-q', 'report', 'n3xus')) as { runHash: string };
    if (runHash === '') return false;
    await lastgood.ask('confirm', 'n3xus', '--hash', runHash.slice(0, 12), '--by', 'engineering-manager');
    return true;
  });
}

async function showDamage({ engine }: Stage, traffic: Traffic, since: number): Promise<void> {
  const { record } = traffic;
  const charges = [...record.acknowledged.values()].filter(charge => charge.askedAt >= since);
  const free = charges.filter(charge => charge.fee === 0).length;
  fact(`${charges.length} charges, ${free} of them without the platform's fee`);
  fact(`${(record.errorRate(since) * 100).toFixed(1)} % of answers are errors`);
  const last = record.answers.at(-1);
  if (last !== undefined) fact(`served by ${[...versionsOf(last)].join(', ')}`);
  if (options.corrupt) {
    const { altered } = await checkWrites(engine, record);
    fact(`${altered} acknowledged charges stand altered in the stores`);
  }
  fact(`${[...(await versions(engine)).values()].filter(one => one.version === 'v2').length} services run v2`);
}

type Record_ = Awaited<ReturnType<Traffic['stop']>>;

async function proveWrites(
  { engine, lastgood }: Stage,
  record: Record_,
  capturedAt: number | undefined,
): Promise<boolean[]> {
  if (capturedAt === undefined) {
    const { checked, missing, doubled, altered, whole } = await checkWrites(engine, record);
    return [
      verdict(whole, `${checked} acknowledged charges: ${missing} missing, ${doubled} doubled, ${altered} altered`),
    ];
  }
  // Charges between the capture and the freeze are given up, and counted; those since the thaw must stand.
  const report = JSON.parse(await lastgood.ask('-o', 'json', '-q', 'report', 'n3xus')) as {
    losses: Loss[];
  };
  const thawed = record.versionsOverTime().at(-1)?.from ?? Number.POSITIVE_INFINITY;
  const kept = new Map(
    [...record.acknowledged].filter(([, charge]) => charge.at <= capturedAt || charge.askedAt >= thawed),
  );
  const { checked, missing, doubled, altered, whole } = await checkWrites(engine, { acknowledged: kept });
  const proofs = [
    verdict(
      whole,
      `${checked} acknowledged charges up to the capture and since the thaw: ${missing} missing, ${doubled} doubled, ${altered} altered`,
    ),
  ];
  const between = { capturedAt, thawedAt: thawed };
  const { given, doubtful, wrong } = judgeLosses(report.losses, await readStores(engine), record, between);
  const lost = report.losses.map(loss => `${loss.store} ${loss.lost}`).join(', ');
  proofs.push(
    verdict(
      wrong.length === 0,
      wrong.length === 0
        ? `rows counted lost at the freeze: ${lost}; ${given} acknowledged charges came since the capture, ${doubtful} more may have`
        : wrong.join('; '),
    ),
  );
  return proofs;
}

const started = performance.now();
let stage: Stage | undefined;
let whole = false;
const interrupted = interruption();
try {
  chapter('0', 'Bringing everything up: Temporal, a Docker engine, the N3XUS platform of 26 services');
  stage = await setStage({
    say: sayToStderr,
    signal: interrupted,
    privateEngine: options['private-engine'],
    restore: options.corrupt ? STORES : [],
  });
  whole = await Promise.race([demo(stage), aborted(interrupted).then(() => false)]);
  fact(`Temporal Web UI: ${stage.temporal.uiUrl}/namespaces/default/workflows/rollback:n3xus`);
  await writeFile(REPORT, await stage.lastgood.ask('-q', 'report', 'n3xus'));
  fact(`report: ${REPORT}`);
  if (process.stdout.isTTY) {
    fact('everything stays up to be looked at; Ctrl-C ends and removes it');
    await aborted(interrupted);
  }
} catch (error) {
  if (!interrupted.aborted) process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
} finally {
  await stage?.end();
}
verdict(
  whole,
  `${whole ? 'the platform is whole' : 'the platform is NOT whole, or the demo did not come to its end'} (${Math.round((performance.now() - started) / 1000)} s)`,
);
process.exit(whole ? 0 : 1);
