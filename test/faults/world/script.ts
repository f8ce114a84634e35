import type { Behaviour, FaultKind, World } from '../../../src/drivers/scripted/world.ts';
import type { Answer } from '../../../src/policy/answers.ts';
import { ONE_TIER, RESTORED, type Shape, SIDE_BY_SIDE } from '../../workflows/shapes.ts';

/** One call of a run to its engine: the nth of that name on that target, as a scene counts them. */
export interface At {
  readonly call: string;
  readonly target: string;
  readonly nth: number;
}

/** Everything that happens to one run, as plain JSON: the same script is the same run again, as far as clocks allow. */
export interface Script {
  readonly shape: keyof typeof WORLDS;
  /** How long a phase may take, in milliseconds: what stalls does so for longer. */
  readonly phase: number;
  readonly beforeRestore: 'revert' | 'ask';
  readonly afterRestore: 'revert' | 'ask';
  readonly afterRevert: 'open' | 'stay-shut';
  readonly faults: readonly (At & { readonly kind: FaultKind; readonly times: number })[];
  readonly deeds: readonly (At & { readonly deed: Deed })[];
  /** What a person says to each question, in order; after the last it is `handover`. */
  readonly answers: readonly Answer[];
  /** What people say when they are asked to approve. Absent: nobody is asked. */
  readonly approval?: 'confirm' | 'deny' | 'silence';
  /** Each message is sent twice, and nonsense with it. */
  readonly twice?: boolean;
  /** How the containers of the release behave. */
  readonly release?: Partial<Behaviour>;
  /** Waits until aftercare has dropped what undo kept, when the run completed. */
  readonly settles?: boolean;
}

/** What somebody, or something, does at a call of the run. */
export type Deed =
  /** The worker dies before the call, or once it has happened and nobody has heard; another one begins. */
  | 'dies'
  | 'dies-after'
  /** The run's workflow is cancelled, or aborted by a message. */
  | 'cancel'
  | 'abort'
  /** Held up before its next step, and let go again. */
  | 'pause'
  /** Its workflow is gone; another run takes over. */
  | 'terminate'
  /** The engine dies and comes back. */
  | 'engine-restarts'
  | Meddling;

/** What somebody else does to the platform by hand. Each says whether there was anything to do it to. */
export const MEDDLINGS = {
  'foreign-restart': world => {
    const one = world.containers.get('web');
    if (one?.activity !== 'running') return false;
    one.restarts += 1;
    return true;
  },
  'foreign-policy': world => {
    const one = world.containers.get('web');
    if (one === undefined) return false;
    one.policy = 'unless-stopped';
    return true;
  },
  'foreign-recreation': world => {
    const one = world.containers.get('web');
    if (one === undefined) return false;
    const { madeBy: _, replaces: __, ...asked } = one;
    world.containers.set('web', { ...asked, id: world.nextId() });
    return true;
  },
  'foreign-stop': world => {
    const one = world.containers.get('web');
    if (one?.activity !== 'running') return false;
    one.activity = 'exited';
    return true;
  },
  'foreign-removal': world => world.containers.delete('web'),
  'foreign-edit': world => {
    const file = world.files.get('/etc/web');
    if (file === undefined) return false;
    file.live = 'edited by hand';
    return true;
  },
} satisfies Record<string, (world: World) => boolean>;
export type Meddling = keyof typeof MEDDLINGS;

interface ScriptedWorld {
  readonly shape: Shape;
  readonly data: 'keep' | 'restore';
  /** Rows that may be lost. */
  readonly ceiling: number;
}

/** Three shapes of a plan, of four targets each. */
export const WORLDS = {
  'one-tier': { shape: ONE_TIER, data: 'keep', ceiling: 0 },
  restored: { shape: RESTORED, data: 'restore', ceiling: 10 },
  'side-by-side': { shape: SIDE_BY_SIDE, data: 'keep', ceiling: 0 },
} as const satisfies Record<string, ScriptedWorld>;

/** A run to which nothing happens. */
export const quiet = (shape: keyof typeof WORLDS): Script => ({
  shape,
  phase: 4_000,
  beforeRestore: 'revert',
  afterRestore: 'revert',
  afterRevert: 'open',
  faults: [],
  deeds: [],
  answers: [],
});
