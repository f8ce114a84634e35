import { defineQuery, defineSignal, defineUpdate, setHandler } from '@temporalio/workflow';
import { judgeMessage, type MessageKind } from '../policy/hearing.ts';
import type { RunProgress } from '../run/progress.ts';
import { renderReport } from '../run/render-report.ts';
import { reportOf } from '../run/report.ts';
import { type Heeded, MESSAGES, type MessageName, QUERIES, UPDATES } from './messages.ts';
import type { Run } from './run.ts';

/** Registers all that a run can be told and asked. Signals and updates feed one reducer; a handler never throws. */
export function listen(run: Run): void {
  for (const [name, description] of Object.entries(MESSAGES) as [MessageName, string][]) {
    setHandler(defineSignal<[unknown]>(name), said => void hear(run, name, said), { description });
  }
  for (const name of UPDATES) {
    setHandler(defineUpdate<Heeded, [unknown]>(name), said => hear(run, name, said), {
      description: MESSAGES[name],
      validator: said => refuseNonsense(run, name, said),
    });
  }
  setHandler(defineQuery<RunProgress>('progress'), () => run.progress, { description: QUERIES.progress });
  setHandler(defineQuery<string>('report'), () => renderReport(reportOf(run.progress)), {
    description: QUERIES.report,
  });
}

/** A rejected update leaves no event: only what cannot be read is rejected, the rest is heard and recorded. */
function refuseNonsense(run: Run, kind: MessageKind, said: unknown): void {
  const heard = judgeMessage(kind, said, run.facts());
  if (!heard.readable) throw new Error(heard.why);
}

/** Of the messages that change nothing, so many are kept: a sender that does not stop must not fill the run and its journal. */
const KEPT = 200;

/** The one reducer of messages. */
export function hear(run: Run, kind: MessageKind, said: unknown): Heeded {
  const heard = judgeMessage(kind, said, run.facts());
  const { by, reason, counted, why } = heard;
  const isIdle = !counted || kind === 'alert' || (kind === 'acknowledge' && run.acknowledged);
  if (isIdle && run.idleHeard >= KEPT)
    return { counted: false, why: `${counted ? 'it changes nothing' : why}; ${KEPT} messages are kept already` };
  if (isIdle) run.idleHeard += 1;
  run.note({ type: 'heard', message: { kind: heard.readable ? kind : 'unreadable', by, reason, counted, why } });
  if (!counted) return { counted, why };
  switch (kind) {
    case 'confirm':
    case 'deny':
      run.votes.push({ kind, by, hash: heard.hash });
      break;
    case 'pause':
      run.paused = { by, reason };
      break;
    case 'resume':
      run.paused = undefined;
      run.note({ type: 'resumed', by });
      break;
    case 'abort':
    case 'cancel':
      run.aborted = { by, reason };
      break;
    case 'decide':
      if (heard.answer !== undefined) run.decision = { by, reason, decide: heard.answer };
      break;
    case 'acknowledge':
      run.acknowledged = true;
      break;
    case 'alert':
      break;
  }
  return { counted, why };
}
