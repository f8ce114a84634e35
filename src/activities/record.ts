import { Context } from '@temporalio/activity';
import type { Call, HostDrivers, Look } from '../drivers/contract.ts';
import { DriverError } from '../drivers/errors.ts';
import type { EngineId, ReleaseId, RunId } from '../plan/ids.ts';
import type { Plan } from '../plan/plan.ts';
import { judgeGood as judge } from '../policy/good.ts';
import type { ReleaseEntry } from '../releases/ledger.ts';
import { failed, passed } from '../run/step.ts';
import { classify } from './classify.ts';
import { readPlan } from './compute.ts';
import type { GoodJudged, Recording, RecordOrder } from './contract.ts';
import type { Deps } from './deps.ts';
import { enterAsNewest } from './newest-attempt.ts';
import { observeAll } from './observe.ts';
import { probeEverything } from './probing.ts';
import { refusing } from './refusing.ts';
import { gateTarget, lookOf } from './session.ts';

/** Records what runs as a release: every target's request in the ledger, every image kept from being pruned. */
export const recordRelease =
  (deps: Deps) =>
  (order: RecordOrder): Promise<Recording> => {
    const patience = patienceOf(order);
    return refusing<Recording>(
      () => patience.until,
      async () => {
        const desk = await openDesk(deps, order, { patience });
        const { plan, drivers, look } = desk;
        if (order.request.allowStopped !== true) await refuseStopped(desk);
        const id = order.request.release ?? nameByTime(new Date(Context.current().info.scheduledTimestampMs));
        return desk.holding(async act => {
          const targets = await Promise.all(
            plan.targets.map(target => drivers.of(target.kind).record(target as never, look)),
          );
          await Promise.all(
            plan.targets.map((target, index) => {
              const driver = drivers.of(target.kind);
              return driver.retain === undefined
                ? undefined
                : act(target.id, call => driver.retain!(target as never, targets[index]!, call));
            }),
          );
          const release = await deps.ledger.add({
            platform: plan.platform,
            id,
            origin: 'record',
            by: order.request.by,
            targets,
          });
          return {
            result: passed(
              `recorded ${release.targets.length} targets as ${id}; it earns good by lastgood release good ${plan.platform} ${id}`,
            ),
            release,
          };
        });
      },
      result => ({ result }),
    );
  };

/** A tier and the gates are put back as they were recorded: one that was down by chance would stay down. */
async function refuseStopped({ plan, drivers, look }: Desk): Promise<void> {
  const gates = new Set(plan.gates.map(gate => gateTarget(plan, gate.name).id));
  const states = await observeAll(plan, drivers, look);
  const down = states.filter(({ target, activity }) => {
    const tier = plan.targets.find(one => one.id === target)?.tier;
    return (tier !== undefined || gates.has(target)) && activity !== 'running' && activity !== 'none';
  });
  if (down.length === 0) return;
  throw new DriverError(
    'refused',
    `${down.map(({ target, activity }) => `${target} is ${activity}`).join(', ')}: a release is put back as it is recorded, and would be so again; nothing was recorded`,
    { next: `start what is down, or take it as it is: lastgood release record ${plan.platform} --allow-stopped` },
  );
}

/** Deployed, soaked, probed: the evidence is appended to the release, with the samples that aftercare will compare with. */
export const judgeGood =
  (deps: Deps) =>
  (order: RecordOrder): Promise<GoodJudged> =>
    refusing<GoodJudged>(
      order.answered,
      async () => {
        const { plan, drivers, look } = await openDesk(deps, order);
        const release = await findRelease(deps, plan, order.request.release);
        const probed = await probeEverything(plan, drivers, look);
        const verdict = judge({
          recorded: release.targets,
          live: await observeAll(plan, drivers, look),
          recordedAt: Date.parse(release.recordedAt),
          now: deps.now().getTime(),
          soak: plan.release.soak,
          restarts: plan.verify.restarts,
          bad: probed
            .filter(one => one.evidence.verdict !== 'passed')
            .map(one => `${one.sample.target}: ${one.evidence.reason}`),
          probes: probed.length,
        });
        if (verdict.verdict === 'wait') return { result: passed(verdict.reason), release, waitMs: verdict.waitMs };
        if (verdict.verdict === 'not-good')
          return { result: failed(`release ${release.id} is not good: ${verdict.reason}`), release, waitMs: 0 };
        const evidence = {
          at: deps.now().toISOString(),
          by: order.request.by,
          reason: verdict.reason,
          samples: probed.map(one => one.sample),
        };
        const promoted = await deps.ledger.promote(plan.platform, release.id, evidence);
        return { result: passed(`release ${release.id} is good: ${verdict.reason}`), release: promoted, waitMs: 0 };
      },
      result => ({ result, waitMs: 0 }),
    );

async function findRelease(deps: Deps, plan: Plan, asked: ReleaseId | undefined): Promise<ReleaseEntry> {
  const recorded = (await deps.ledger.list(plan.platform)).filter(entry => entry.origin === 'record');
  const release = asked === undefined ? recorded[0] : recorded.find(entry => entry.id === asked);
  if (release === undefined) {
    throw new DriverError(
      'refused',
      asked === undefined ? `no release of ${plan.platform} is recorded` : `release ${asked} is not recorded`,
      {
        next: `lastgood release record ${plan.platform}`,
      },
    );
  }
  return release;
}

/** `2026-11-21-093012`: a name that sorts by time. Of when it was asked for, so that another try records the same release. */
const nameByTime = (now: Date): ReleaseId =>
  now.toISOString().slice(0, 19).replace('T', '-').replaceAll(':', '') as ReleaseId;

export type Act = <R>(target: string, verb: (call: Call) => Promise<R>) => Promise<R>;
export interface Desk {
  readonly plan: Plan;
  readonly drivers: HostDrivers;
  readonly look: Look;
  readonly run: RunId;
  readonly engine: EngineId;
  /** Holds the platform's lock for the work: a rollback under way refuses it. */
  holding<R>(work: (act: Act) => Promise<R>): Promise<R>;
}

/** How long an engine that does not answer is asked again: not long while nothing has begun. */
interface Patience {
  until: number;
}
/** An earlier attempt may have begun: that is known once the journal was read. */
export const patienceOf = (order: RecordOrder): Patience => ({
  until: Context.current().info.attempt === 1 ? order.answered : order.until,
});

/** What recording works with: the executor's lock and journal, under this workflow's own run id. */
export async function openDesk(
  deps: Deps,
  order: RecordOrder,
  {
    onBehalfOf,
    planned,
    patience = patienceOf(order),
  }: { onBehalfOf?: RunId; planned?: Plan; patience?: Patience } = {},
): Promise<Desk> {
  const context = Context.current();
  const look = lookOf(context);
  const run = context.info.workflowExecution?.runId as RunId;
  const begun =
    context.info.attempt > 1 && (await deps.journals.open(order.request.platform, run)).entries().length > 0;
  patience.until = begun ? order.until : order.answered;
  const plan = planned ?? (await readPlan(deps, order.request.platform));
  const drivers = deps.drivers(plan);
  const engine = await drivers.engine.identify(look);
  const owner = { platform: plan.platform, run, fence: 1 };
  const fence = { turn: order.turn, attempt: context.info.attempt };
  const act: Act = (target, verb) =>
    deps.executor.execute(
      drivers.engine,
      {
        platform: plan.platform,
        key: { run, step: 'record', direction: 'forward', round: order.turn, target },
        fence,
        engine,
        ...look,
        ...(onBehalfOf === undefined ? {} : { onBehalfOf }),
      },
      verb,
    );
  return {
    plan,
    drivers,
    look,
    run,
    engine,
    holding: async work => {
      // From here on the lock may be ours, which only an engine that answers takes back.
      patience.until = order.until;
      const journal = await deps.journals.open(plan.platform, run);
      const isNewest = enterAsNewest(journal, fence);
      // Before the claim: whoever finds it knows by this that it is given back in a moment.
      if (journal.entries().length === 0)
        await journal.append({ type: 'opened', platform: plan.platform, run, engine, hash: '' });
      const giveBack = async (): Promise<void> => {
        if (isNewest()) await journal.append({ type: 'closed', outcome: 'given back' });
        if (isNewest()) await drivers.engine.unclaim(owner, look);
      };
      let result: Awaited<ReturnType<typeof work>>;
      try {
        await drivers.engine.claim(owner, look);
        result = await work(act);
      } catch (error) {
        // What will be tried again keeps its lock meanwhile; what is given up must not keep rollbacks out.
        if (!look.signal.aborted && !classify('', error, order.until, Date.now()).again) await giveBack();
        throw error;
      }
      await giveBack();
      return result;
    },
  };
}
