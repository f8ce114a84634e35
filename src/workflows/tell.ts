import type { Budget } from '../plan/plan.ts';
import type { Saying, SayingAbout } from '../run/saying.ts';
import { PHASE_OF, type StepName, type StepResult } from '../run/step.ts';
import type { Run } from './run.ts';
import { office } from './send.ts';

/** How long one message is tried on one channel. */
const TRIED_FOR = 120_000;

/** Says a message on each channel, side by side; what was not delivered is noted, and never holds the run up. */
export async function say(run: Run, channels: readonly string[], level: number, saying: Saying): Promise<void> {
  const id = `${run.progress.run}:${run.progress.events}`;
  await Promise.all(
    channels.map(async channel => {
      const { delivered, why } = await deliver(run, channel, `${id}:${channel}`, saying);
      run.note({ type: 'told', telling: { channel, level, kind: saying.kind, delivered, why } });
    }),
  );
}

async function deliver(
  run: Run,
  channel: string,
  id: string,
  saying: Saying,
): Promise<{ delivered: boolean; why: string }> {
  try {
    return await office(`tell ${channel} · ${saying.kind}`, TRIED_FOR).notify({
      platform: run.request.platform,
      channel,
      id,
      saying,
    });
  } catch (error) {
    return { delivered: false, why: error instanceof Error ? error.message : String(error) };
  }
}

/** The first level of the ladder hears what is not yet an escalation. */
const tell = (run: Run, saying: Saying): void => {
  const first = run.outline?.escalation[0];
  if (first !== undefined) run.aside(() => say(run, first.tell, 0, saying));
};

export const aboutRun = (run: Run): SayingAbout => ({
  platform: run.request.platform,
  run: run.progress.run,
  release: run.outline?.release ?? run.request.release ?? 'the last good release',
  requester: run.request.requester,
  reason: run.request.reason,
  touched: run.touched,
  traffic: run.progress.traffic,
});

export const tellPastTarget = (run: Run, step: StepName, budget: Budget): void =>
  tell(run, {
    kind: 'past-target',
    about: aboutRun(run),
    phase: PHASE_OF[step],
    step,
    part: run.progress.part,
    targetMs: budget.target,
    maxMs: budget.max,
  });

export function tellAwaiting(run: Run): void {
  const { awaiting, outline } = run.progress;
  if (awaiting !== undefined && outline !== undefined)
    tell(run, { kind: 'awaiting', about: aboutRun(run), hash: outline.hash, awaiting });
}

export const tellReverting = (run: Run, failure: StepResult): void =>
  tell(run, { kind: 'reverting', about: aboutRun(run), step: run.progress.step, failure: failure.reason });

export function tellClosed(run: Run): void {
  const { outcome, headline } = run.progress;
  if (outcome !== undefined) tell(run, { kind: 'closed', about: aboutRun(run), outcome, headline });
}

export const heldSaying = (run: Run, failure: StepResult, level: number): Saying => ({
  kind: 'held',
  about: aboutRun(run),
  level,
  step: run.progress.step,
  failure: failure.reason,
  notShut: run.progress.notShut,
  ...(run.progress.awaiting === undefined ? {} : { awaiting: run.progress.awaiting }),
});
