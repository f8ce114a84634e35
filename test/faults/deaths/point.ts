import type { JournalEntry } from '../../../src/executor/contract.ts';
import type { RollbackRequest } from '../../../src/plan/rollback-request.ts';
import type { Outcome } from '../../../src/run/events.ts';
import type { Direction, StepName } from '../../../src/run/step.ts';
import { poll } from '../../../testbed/process/poll.ts';
import { journalNow } from '../../platforms/kill-points.ts';
import type { Stand } from '../../platforms/stand.ts';
import type { EngineCall, EngineTap, Moment } from './engine-tap.ts';
import { type Claim, effectsSaid, findFalse, isBegun } from './journal-says.ts';

/** One run that is under way on a stand, and what can be seen of it. */
export interface Scene {
  readonly stand: Stand;
  readonly tap: EngineTap;
  readonly run: string;
  /** Where the store's volume lies on this machine. */
  readonly volume: string;
  entries(): readonly JournalEntry[];
}

/** A place in the middle of a step, at which something is killed. */
export interface Point {
  readonly name: string;
  readonly step: StepName;
  readonly direction: Direction;
  /** That was under way: the run's history shows another attempt of it. Absent: none of the run's own. */
  readonly activity?: string;
  readonly outcome: Outcome;
  readonly request?: Partial<RollbackRequest>;
  /** Resolves at the moment at which to kill, or once that moment has passed. */
  reach(scene: Scene): Promise<unknown>;
  /** By the journal as it stood at the kill: why it fell elsewhere; nothing when it fell inside. */
  missed(at: Scene & { readonly journal: readonly JournalEntry[] }): string | undefined;
}

type Where = Pick<Point, 'name' | 'step'> & Partial<Pick<Point, 'activity' | 'direction' | 'outcome' | 'request'>>;

/** Longer than anything takes on a machine that is five times slower. */
const PATIENCE_MS = 120_000;

/** The kill falls while one call of the worker is held on its way to the engine, and what else the claim says has happened. */
export function whileHeld(
  where: Where & {
    readonly moment: Moment;
    readonly call: (call: EngineCall, scene: Scene) => boolean;
    readonly claim: Claim;
    /** Done once the run is there, before the kill's own step: an abort, say. */
    readonly first?: (scene: Scene) => Promise<unknown>;
    /** What must be so besides what the claim says is done. */
    readonly meanwhile?: (scene: Scene) => boolean;
  },
): Point {
  const { moment, call, claim, first, meanwhile, ...rest } = where;
  const point: Point = {
    direction: 'forward',
    outcome: 'completed',
    ...rest,
    async reach(scene) {
      await first?.(scene);
      // What is done in another step goes its way.
      const inStep = (): boolean => isBegun(scene.entries(), point.step, point.direction);
      await within(
        `${point.name}: the call to come`,
        scene.tap.hold(moment, one => inStep() && call(one, scene)),
      );
      await poll({ what: `${point.name}: the rest of it`, deadlineMs: PATIENCE_MS, everyMs: 5 }, () => {
        const said = effectsSaid(scene.entries());
        return (claim.done ?? []).every(name => said.get(name) === 'done') && meanwhile?.(scene) !== false;
      });
    },
    missed: ({ journal }) => findFalse(journal, claim),
  };
  return point;
}

/** The kill falls as soon as the disk shows that the run is there; when the step is over before that, it is a miss. */
export function asSeen(
  where: Where & {
    readonly seen: (scene: Scene) => boolean;
    readonly missed: Point['missed'];
    readonly first?: (scene: Scene) => Promise<unknown>;
  },
): Point {
  const { seen, missed, first, ...rest } = where;
  return {
    direction: 'forward',
    outcome: 'completed',
    ...rest,
    missed,
    async reach(scene) {
      await first?.(scene);
      const what = `${rest.name}: to be seen, or passed`;
      await poll({ what, deadlineMs: PATIENCE_MS, everyMs: 1 }, () => seen(scene));
    },
  };
}

export const sceneOf = (stand: Stand, tap: EngineTap, run: string, volume: string): Scene => ({
  stand,
  tap,
  run,
  volume,
  entries: () => journalNow(stand, run),
});

async function within(what: string, coming: Promise<unknown>): Promise<void> {
  let came = false;
  void coming.then(() => {
    came = true;
  });
  await poll({ what, deadlineMs: PATIENCE_MS, everyMs: 5 }, () => came);
}
