import assert from 'node:assert/strict';
import { setTimeout as pause } from 'node:timers/promises';
import { WorkflowFailedError } from '@temporalio/client';
import { TerminatedFailure } from '@temporalio/common';
import type { RunId } from '../../../src/plan/ids.ts';
import type { RunReport } from '../../../src/run/report.ts';
import { aftercareId } from '../../../src/workflows/messages.ts';
import { inMemory } from '../../support/memory.ts';
import { type EngineCall, given, type Scene, type Underway } from '../../workflows/given.ts';
import type { FinishedRun } from '../../workflows/run-of.ts';
import type { Stage } from '../../workflows/shared-worker.ts';
import { polled } from '../../workflows/waiting.ts';
import { saying } from './calls.ts';
import { createPerson, type Person } from './person.ts';
import { planOf } from './plan-of.ts';
import { MEDDLINGS, type Script, WORLDS } from './script.ts';

/** How long a worker of these worlds may be silent: a death costs a run this long. */
export const HEARTBEAT_MS = 3_000;
/** A person who heard nothing looks by himself this often. */
const LOOK_MS = 10_000;
/** More often than any fault of a script comes again. */
const TAKE_OVERS = 8;
/** Changes that no recorder beside the engine sees. */
const UNRECORDED = ['claim', 'unclaim'];
const MEMORY = inMemory();

/** One script, played to its end and held to the promises. */
export interface Played {
  readonly report: RunReport;
  /** Engine calls of it, in their order, up to the end of the run. */
  readonly calls: readonly EngineCall[];
  /** And after it, until what undo kept was dropped, where the script waits for that. */
  readonly settling: readonly EngineCall[];
  /** Faults and deeds of the script that came to pass, as `saying` says them. */
  readonly struck: readonly string[];
  readonly answered: number;
  /** Names of the calls that changed something; the others look. */
  readonly changing: readonly string[];
}

/** @throws AssertionError with the promises that were broken; Error when the run did not end */
export async function play(stage: Stage, script: Script): Promise<Played> {
  const endings: (() => unknown)[] = [];
  const { shape, data, ceiling } = WORLDS[script.shape];
  const person = createPerson(script);
  try {
    const scene = await given({ after: end => void endings.push(end as () => unknown) }, stage, {
      shape,
      data,
      plan: planOf(script),
      heartbeat: HEARTBEAT_MS,
      hears: person.hears,
      under: MEMORY,
      atEnd: end => void endings.push(end),
    });
    if (script.release !== undefined) scene.behaves('v1', script.release);
    const played = await act(scene, script, person, ceiling);
    return played;
  } finally {
    for (const end of endings.reverse()) await end();
  }
}

async function act(scene: Scene, script: Script, person: Person, ceiling: number): Promise<Played> {
  const struck: string[] = [];
  let left: RunId | undefined;
  // The engine may be called before whoever starts the run has heard that it did.
  const started = Promise.withResolvers<Underway>();
  for (const fault of script.faults) {
    const { kind, times, ...at } = fault;
    scene.at(
      at.call,
      at.target,
      target => {
        struck.push(saying(fault));
        scene.faults({ call: at.call, target, kind, times });
      },
      at.nth,
    );
  }
  for (const done of script.deeds) {
    const { deed, ...at } = done;
    const does = async (): Promise<void> => {
      const run = await started.promise;
      switch (deed) {
        case 'dies':
        case 'dies-after':
          await scene.restart();
          break;
        case 'cancel':
          await run.handle.cancel();
          break;
        case 'abort':
          await run.tell('abort', { by: 'eve', reason: 'as the script says' });
          break;
        case 'pause':
          await run.tell('pause', { by: 'eve', reason: 'wait' });
          void pause(150).then(() => run.tell('resume', { by: 'eve', reason: 'go' }).catch(() => undefined));
          break;
        case 'terminate':
          left = run.handle.firstExecutionRunId as RunId;
          await run.handle.terminate('as the script says');
          break;
        case 'engine-restarts':
          scene.world.restartEngine();
          break;
        default: {
          let did = false;
          scene.meddles(world => {
            did = MEDDLINGS[deed](world);
          });
          if (!did) return;
        }
      }
      struck.push(saying(done));
    };
    // What comes too late finds the run closed, and has not come to pass.
    const quietly = (): Promise<void> => does().catch(() => undefined);
    if (deed === 'dies-after') scene.once(at.call, at.target, quietly);
    else scene.at(at.call, at.target, quietly, at.nth);
  }

  const run = await scene.start({ lossCeiling: ceiling });
  started.resolve(run);
  const ended = await watched(run, person).catch(error => {
    // What else ends a run that was to be terminated is a fault all the same.
    const isTerminated = error instanceof WorkflowFailedError && error.cause instanceof TerminatedFailure;
    if (left === undefined || !isTerminated) throw error;
    return undefined;
  });
  const calls = scene.calls.slice();
  const over = ended ?? (await takenOver(scene, left!, ceiling, person));
  if (script.settles === true && over.report.outcome === 'completed') {
    await settled(scene);
    // What dropped it is held to the same promises: nothing is destroyed that was not captured.
    await run.check(over);
  }
  return {
    report: over.report,
    calls,
    settling: scene.calls.slice(calls.length),
    struck,
    answered: person.answered(),
    changing: [...new Set([...scene.world.happenings.map(({ call }) => call), ...UNRECORDED])],
  };
}

/**
 * A take-over that is refused, as when the engine cannot be asked, is for a person to try again.
 * @throws AssertionError when each is, and the run that was left still holds the platform
 */
async function takenOver(scene: Scene, left: RunId, ceiling: number, person: Person): Promise<FinishedRun> {
  const { world, platform } = scene;
  for (let tries = 1; ; tries += 1) {
    const over = await watched(await scene.start({ takeOver: left, lossCeiling: ceiling }), person);
    const open = over.report.outcome === 'refused' && world.claims.get(platform.name)?.run === left;
    if (!open) return over;
    assert.ok(tries < TAKE_OVERS, `each of ${tries} take-overs was refused, the last: ${over.report.headline}`);
  }
}

async function watched(run: Underway, person: Person) {
  person.mind(run);
  const over = new AbortController();
  const looking = (async () => {
    for (;;) {
      await pause(LOOK_MS, undefined, { signal: over.signal });
      await person.looks();
    }
  })().catch(() => undefined);
  try {
    return await run.end();
  } finally {
    over.abort();
    await looking;
  }
}

/** What undo kept is dropped when aftercare is over, and the lock is nobody's. */
async function settled({ world, platform }: Scene): Promise<void> {
  await polled(
    `aftercare of ${aftercareId(platform.name)} to settle`,
    async () => [...world.containers.keys()].filter(name => name.includes('.lg-')).length + world.claims.size,
    count => count === 0,
  );
}
