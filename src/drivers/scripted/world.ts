import type { Activity } from '../../plan/run-plan.ts';
import type { Effect, Evidence } from '../contract.ts';
import { DriverError } from '../errors.ts';

/**
 * An in-memory platform for the thousands of fault runs that no real engine could bear. It keeps the rules of the
 * real ones (a name is taken once, a stopped container with policy `always` comes back with its engine), and fails,
 * stalls, lies, or does the thing and then reports failure, as told.
 */
export interface Container {
  readonly id: string;
  readonly version: string;
  readonly settings: string;
  policy: string;
  activity: Activity;
  restarts: number;
  /** As of one made with `--rm`. */
  removedOnceStopped?: true;
  /** When it was started last: another one each time. */
  started?: string;
  /** Names of the volumes it can write. */
  readonly volumes: readonly string[];
  /** The run that staged it. */
  readonly madeBy?: string;
  /** The id of the one that it was staged to replace. */
  readonly replaces?: string;
  /** Part of its recorded request, and never of a state: what must not be found in any text. */
  readonly secret?: string;
}

export interface Tree {
  readonly version: string;
  readonly rows: number;
  /** The engine that wrote it, as `PostgreSQL 15`. */
  readonly holds?: string;
}
export interface Volume {
  live: Tree;
  readonly staged: Map<string, Tree>;
  readonly outgoing: Map<string, Tree>;
  /** What its rows are counted by is gone. */
  uncountable?: true;
}

/** How containers of one version behave. */
export interface Behaviour {
  readonly starts: boolean;
  readonly healthy: boolean;
  readonly loops: boolean;
  /** Stays up when asked to stop. */
  readonly ignoresStop: boolean;
}
export const well: Behaviour = { starts: true, healthy: true, loops: false, ignoresStop: false };

export const madeAgain = (name: string, found: Container, expected: string): DriverError =>
  new DriverError('conflict', `container ${name} was made again by somebody: expected ${expected}, found ${found.id}`, {
    foreign: true,
  });

export type FaultKind =
  /** The engine says no. */
  | 'refuse'
  /** The engine does not answer, and nothing happens. */
  | 'unavailable'
  /** It happens, and the caller hears that it failed. */
  | 'done-then-fails'
  /** It does not happen, and the caller hears that it did. */
  | 'lie'
  /** Nothing happens until the caller gives up. */
  | 'stall';

export interface Fault {
  /** `stop`, `start`, `rename`, `set-policy`, `create`, `remove`, `observe`, `probe`, `count`, `shut-seen`, `capture`, … */
  readonly call: string;
  readonly target?: string;
  readonly kind: FaultKind;
  /** How often it strikes; absent: always. */
  times?: number;
  /** Strikes only from this call on, counted from 1 per call and target. */
  readonly from?: number;
}

/** What really happened, as a recorder beside the engine would see it. */
export interface Happening {
  readonly at: number;
  readonly call: string;
  readonly target: string;
  /** What started. */
  readonly version?: string;
}

/** Who held the engine's claim, in its order. */
export interface Claimed {
  readonly at: number;
  readonly run: string;
  readonly action: 'claimed' | 'released';
}

export class World {
  readonly engineId: string;
  readonly containers = new Map<string, Container>();
  readonly volumes = new Map<string, Volume>();
  readonly files = new Map<string, { live: string; staged: Map<string, string>; outgoing: Map<string, string> }>();
  readonly behaviours = new Map<string, Behaviour>();
  claims = new Map<string, { run: string; fence: number }>();
  faults: Fault[] = [];
  readonly happenings: Happening[] = [];
  readonly claimed: Claimed[] = [];
  /** Called before every engine call: where a test changes the platform under the run, or kills a worker. */
  before: ((call: string, target: string) => void | Promise<void>) | undefined;
  /** Called once a change has happened, before anybody hears of it. */
  after: ((call: string, target: string) => void) | undefined;
  /** What a user is answered while the gates are open. */
  frontDoor: () => Evidence = () => ({ verdict: 'passed', reason: 'answers' });
  strangers: string[] = [];
  /** Versions whose image is nowhere to be had any more. */
  readonly lost = new Set<string>();
  /** Who else is at the address of a gate, by its container, once that is down. */
  readonly beside = new Map<string, 'answers' | 'keeps silent'>();
  private made = 0;
  private readonly calls = new Map<string, number>();

  constructor(engineId = 'scripted-engine') {
    this.engineId = engineId;
  }

  nextId(): string {
    this.made += 1;
    return `c${this.made}`;
  }

  behaviourOf(version: string): Behaviour {
    return this.behaviours.get(version) ?? well;
  }

  container(name: string): Container {
    const container = this.containers.get(name);
    if (container === undefined) throw new DriverError('missing', `container ${name}: it is not there`);
    return container;
  }

  /** Of a container that is known by its id. */
  nameOf(id: string): string | undefined {
    return [...this.containers].find(([, container]) => container.id === id)?.[0];
  }

  /** The container of this name, which must be the very one that `only` names. @throws conflict | missing */
  same(name: string, only: string | undefined): Container {
    const found = this.containers.get(name);
    if (only === undefined || found?.id === only) return this.container(name);
    const renamed = this.nameOf(only);
    if (renamed !== undefined)
      throw new DriverError('conflict', `container ${name} was renamed to ${renamed} by somebody`, { foreign: true });
    if (found === undefined)
      throw new DriverError('missing', `container ${name} is no longer there`, { foreign: true });
    throw madeAgain(name, found, only);
  }

  removal(name: string): Effect<true> {
    return {
      name: 'remove',
      isDone: async () => !this.containers.has(name) || undefined,
      act: signal => this.change('remove', name, signal, () => void this.containers.delete(name)),
    };
  }

  /** A reading call: it fails or stalls as told, and tells nothing when it does. */
  async read<T>(call: string, target: string, signal: AbortSignal, look: () => T): Promise<T> {
    const fault = await this.meet(call, target, signal);
    if (fault !== undefined && fault.kind !== 'lie') throw failure(fault, call, target);
    return look();
  }

  /** A changing call, which a recorder beside the engine would see. */
  change(call: string, target: string, signal: AbortSignal, act: () => void): Promise<void> {
    return this.alter(call, target, signal, () => {
      act();
      const started = call === 'start' ? this.containers.get(target)?.version : undefined;
      this.happenings.push({ at: Date.now(), call, target, ...(started === undefined ? {} : { version: started }) });
    });
  }

  /** A changing call that no recorder sees. */
  async alter(call: string, target: string, signal: AbortSignal, act: () => void): Promise<void> {
    const fault = await this.meet(call, target, signal);
    if (fault === undefined || fault.kind === 'done-then-fails') {
      act();
      this.after?.(call, target);
    }
    if (fault !== undefined && fault.kind !== 'lie') throw failure(fault, call, target);
  }

  private async meet(call: string, target: string, signal: AbortSignal): Promise<Fault | undefined> {
    await this.before?.(call, target);
    const name = `${call} ${target}`;
    const count = (this.calls.get(name) ?? 0) + 1;
    this.calls.set(name, count);
    const fault = this.faults.find(
      one => one.call === call && (one.target ?? target) === target && (one.times ?? 1) > 0 && count >= (one.from ?? 1),
    );
    if (fault?.times !== undefined) fault.times -= 1;
    if (fault?.kind === 'stall') await aborted(signal);
    return fault;
  }

  /** The engine dies and comes back: what has policy `no` stays down, everything else is up, even what was stopped by hand. */
  restartEngine(): void {
    for (const container of this.containers.values()) {
      container.activity =
        container.policy === 'no' ? (container.activity === 'created' ? 'created' : 'exited') : 'running';
      if (container.activity === 'running') container.started = this.nextId();
    }
  }
}

function failure(fault: Fault, call: string, target: string): DriverError {
  const kind = fault.kind === 'refuse' ? 'refused' : 'unavailable';
  return new DriverError(kind, `${call} ${target}: scripted ${fault.kind}`);
}

const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise(resolve => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
