import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { checkPromises } from '../checker/promises.ts';
import { useTemporal } from '../support/temporal.ts';
import { runSmall } from './runs.ts';
import { type Stand, say, setStand } from './stand.ts';

const { address } = await useTemporal();

describe('a rollback of real containers under traffic', () => {
  let stand: Stand;
  before(async () => {
    stand = await setStand(address);
  });
  after(() => stand.end());

  it('completes, and keeps every promise', async () => {
    const { report, evidence } = await runSmall(stand);
    assert.equal(report.outcome, 'completed', report.headline);
    assert.deepEqual(checkPromises(evidence), []);
    const { recorder = [], answers = [], writes = [] } = evidence;
    assert.ok(answers.length > 0 && writes.length > 0);
    say(`completed: ${recorder.length} engine events, ${answers.length} answers, ${writes.length} acknowledged writes`);
  });
});
