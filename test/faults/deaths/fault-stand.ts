import type { TestContext } from 'node:test';
import type { Document } from 'yaml';
import { type Stand, setStand } from '../../platforms/stand.ts';
import { createEngineTap, type EngineTap } from './engine-tap.ts';

/** A machine may be slow, and an absence takes the server a while to notice: no phase may run out of time for that. */
const patient = (plan: Document): void => {
  for (const phase of ['prepare', 'freeze', 'snapshot', 'stop', 'restore', 'start', 'verify', 'thaw', 'undo']) {
    plan.setIn(['budgets', phase, 'target'], '60s');
    plan.setIn(['budgets', phase, 'max'], '180s');
  }
};

/** A stand whose worker reaches its engine through a tap. It ends with the test. */
export async function setFaultStand(
  t: TestContext,
  address: string,
  edit?: (plan: Document) => void,
): Promise<{ stand: Stand; tap: EngineTap }> {
  const tap = createEngineTap();
  t.after(() => tap.close());
  const stand = await setStand(address, plan => {
    patient(plan);
    plan.setIn(['hosts', 'main', 'docker'], tap.front(String(plan.getIn(['hosts', 'main', 'docker']))));
    edit?.(plan);
  });
  t.after(() => stand.end());
  return { stand, tap };
}
