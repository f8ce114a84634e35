import type { TakenOver } from '../../activities/contract.ts';
import type { StepName } from '../../run/step.ts';
import type { Act, Run } from '../run.ts';
import { engine, office, send } from '../send.ts';
import { dropStaged } from './prepare.ts';
import { swapBack } from './restore.ts';
import { stopTiersAgain } from './start.ts';
import { startTiersAsFound } from './stop.ts';

/** What takes a step back, when it was another run that did it. The same as in the runbook. */
export const UNDO_OF: Partial<Record<StepName, Act>> = {
  stage: dropStaged,
  'stop-tiers': startTiersAsFound,
  'swap-in': swapBack,
  'start-tiers': stopTiersAgain,
};

/** Claims the lock of the run that was left, reads its journal, and stands where it stood. */
export async function takeOverAdmission(run: Run): Promise<TakenOver> {
  const opened = await office('read the plan').openPlan(run.request.platform);
  if (opened.verdict === 'failed') return { result: opened.result, begun: [] };
  run.host = opened.host;
  run.heartbeat = opened.heartbeat;
  const sent = {
    request: run.request,
    host: run.host,
    turn: run.nextTurn(),
    until: run.deadline,
    survey: false,
    records: [],
  };
  const taken: TakenOver = await send(
    run,
    sent,
    () => engine(run, `take over ${run.request.takeOver}`).takeOver(sent),
    result => ({ result, begun: [] }),
  );
  if (taken.result.verdict === 'passed') {
    run.objectsOf = taken.objectsOf;
    if (taken.outline !== undefined) run.admitAs(taken.outline, taken.by);
    run.note({ type: 'taken-over', begun: taken.begun });
  }
  return taken;
}
