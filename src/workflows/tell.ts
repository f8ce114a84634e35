import type { EscalationLevel } from '../plan/plan.ts';
import { forTelling, type Saying, type SayingKind } from '../run/saying.ts';
import type { Run } from './run.ts';
import { office } from './send.ts';

/** How long one message is tried on one channel. */
const TRIED_FOR = 120_000;

/** Says a message on each channel, side by side; what was not delivered is noted, and never holds the run up. */
export async function say(run: Run, channels: readonly string[], saying: Saying): Promise<void> {
  const id = `${run.progress.run}-${run.progress.events}-${saying.kind}-${saying.level}`;
  await Promise.all(
    channels.map(async channel => {
      const { delivered, why } = await deliver(run, channel, `${id}-${channel}`, saying);
      run.note({ type: 'told', telling: { channel, level: saying.level, kind: saying.kind, delivered, why } });
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
    const summary = `tell ${channel} · ${saying.kind}${saying.level > 0 ? ` · level ${saying.level}` : ''}`;
    return await office(summary, TRIED_FOR).notify({ platform: run.request.platform, channel, id, saying });
  } catch (error) {
    return { delivered: false, why: error instanceof Error ? error.message : String(error) };
  }
}

/** The facts of a message as they stand now. */
export const sayingOf = (run: Run, kind: SayingKind, reason = '', level?: EscalationLevel): Saying => ({
  kind,
  progress: forTelling(run.progress),
  level: level?.level ?? 0,
  levels: run.outline?.escalation.length ?? 0,
  within: level?.acknowledgeWithin ?? 0,
  reason,
});

/** The first level of the ladder hears what is not an escalation. Not waited for. */
export function tell(run: Run, kind: SayingKind, reason = ''): void {
  const first = (run.outline?.escalation ?? run.people)[0];
  if (first === undefined) return;
  const saying = sayingOf(run, kind, reason);
  run.aside(() => say(run, first.tell, saying));
}
