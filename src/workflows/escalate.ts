import { condition } from '@temporalio/workflow';
import { minutes } from '../plan/duration.ts';
import type { EscalationLevel } from '../plan/plan.ts';
import type { Run } from './run.ts';
import { say, sayingOf } from './tell.ts';

/** The top of the ladder is told again, ever more rarely, this often at most: a history has an end. */
const REPEATS = 30;

/** Climbs the plan's levels, one after the other, until somebody acknowledges or the question is answered. Not waited for. */
export function climb(run: Run, reason: string, asked: () => boolean): void {
  const levels = run.outline?.escalation ?? [];
  run.aside(async () => {
    const over = (): boolean => run.acknowledged || !asked();
    let wait = 0;
    for (let turn = 0; turn < levels.length + REPEATS && !over(); turn += 1) {
      const level: EscalationLevel | undefined = levels[Math.min(turn, levels.length - 1)];
      if (level === undefined) return;
      await say(run, level.tell, sayingOf(run, 'held', reason, level));
      wait = turn < levels.length ? level.acknowledgeWithin : Math.min(wait * 2, minutes(60));
      await condition(over, Math.max(wait, 1), { summary: `acknowledgement of level ${level.level}` });
    }
  });
}
