import type { JournalFact } from '../executor/contract.ts';
import type { ContainerTarget } from '../plan/plan.ts';
import { journalOfObjects, type Session } from './session.ts';
import { until } from './until.ts';

/**
 * What this run told to stop, and nobody saw stopped, may go down at any moment and would then stay down, for an engine
 * restarts nothing that was told to stop. So before it is started again it has its grace once more to go down.
 * @param known what the journal calls it: a target's id, or a gate's name
 * @returns what people should know of it, or nothing
 */
export async function lettingItStop(s: Session, target: ContainerTarget, known: string): Promise<string> {
  if (!(await wasToldToStop(s, known))) return '';
  const over = Date.now() + target.stop.grace;
  const isUp = async (): Promise<boolean> => {
    const { activity } = await s.drivers.of('docker').observe(target, s.look);
    return activity === 'running' || activity === 'looping';
  };
  if (!(await isUp())) return '';
  const seen = await until(
    s,
    async () =>
      (await isUp())
        ? { verdict: 'failed', reason: `${target.container} is still stopping` }
        : { verdict: 'passed', reason: 'down' },
    () => Date.now() >= over,
  );
  return seen.verdict === 'passed'
    ? 'it was still stopping, and was waited for'
    : 'it was told to stop and runs on: should it end by itself, the engine will not restart it';
}

/** The newest word of the journals on its stop is that it was asked for, or that it did not come. */
async function wasToldToStop(s: Session, known: string): Promise<boolean> {
  const own = await journalOfObjects(s);
  const facts = [...(own === s.journal ? [] : own.entries()), ...s.journal.entries()].map(({ fact }) => fact);
  const last = facts.findLast(fact => isStopOf(fact, known));
  return last?.type === 'intent' || last?.type === 'failed';
}

const isStopOf = (fact: JournalFact, known: string): boolean =>
  (fact.type === 'intent' || fact.type === 'done' || fact.type === 'failed' || fact.type === 'gone') &&
  fact.key.target === known &&
  /^(stop|kill)(@|$)/.test(fact.effect);
