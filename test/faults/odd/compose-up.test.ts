import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { send } from '../../../src/client/runs.ts';
import type { RunProgress } from '../../../src/run/progress.ts';
import type { RunReport } from '../../../src/run/report.ts';
import type { StepName } from '../../../src/run/step.ts';
import { rollbackId } from '../../../src/workflows/messages.ts';
import { poll } from '../../../testbed/process/poll.ts';
import type { PartName } from '../../checker/part.ts';
import { checkPromises } from '../../checker/promises.ts';
import { say } from '../../platforms/stand.ts';
import { useTemporal } from '../../support/temporal.ts';
import { createEngineTap } from '../deaths/engine-tap.ts';
import { layAt } from '../hands/points.ts';
import { type ComposeStand, setComposeStand } from './compose-stand.ts';
import { lookAtThese } from './evidence.ts';

const { address } = await useTemporal();

/** Before the first thing that the step asks of the engine; how the run may end, by what this docker-compose does. */
const POINTS = [
  ['recheck', ['refused']],
  ['stop-tiers', ['reverted', 'held']],
  ['swap-in', ['reverted', 'held']],
] as const satisfies readonly (readonly [StepName, readonly RunReport['outcome'][]])[];

/** Of whichever end: all that can be told without what docker-compose itself did. */
const DEMANDED = [
  ...['I1.outcome', 'I1.gates', 'I2.order', 'I4.journal', 'I4.rounds', 'I4.fence', 'I5.acts', 'I5.own-journal'],
  ...['I6.hash', 'I7.chain', 'I7.decisions', 'I7.closed', 'I7.secrets'],
] as PartName[];

describe('docker-compose up, by its own program, in mid-run', () => {
  let stand: ComposeStand;
  const tap = createEngineTap();
  before(async () => {
    stand = await setComposeStand(address, 'compose-up', tap.front);
    await stand.mend();
  });
  after(async () => {
    await stand?.ground.end();
    tap.close();
  });

  // The last may leave a run that was handed over, and is the last for that.
  for (const [step, ends] of POINTS) {
    it(`at ${step} is found, named, and ends ${ends.join(' or ')}`, async () => {
      const { ground, project, compose, names } = stand;
      const gate = (await project.names()).get('gate');
      const [ids, looks] = await Promise.all([project.ids(), lookAtThese(ground.engine.client, names)]);
      const { report, evidence } = await stand.rollBack({
        meanwhile: async run => {
          await layAt({ stand: ground, tap, run }, step, async () => void (await project.up()));
          await goBack(run);
        },
      });
      say(`docker-compose ${compose.version} up at ${step}: ${report.headline}`);
      assert.ok((ends as readonly string[]).includes(report.outcome), report.headline);
      assert.match(report.headline, /somebody/, 'it names what was done');
      // What docker-compose did is in the recorder too, and what it made again is not as the run found it.
      const { recorder: _, targets: __, ...rest } = evidence;
      const ours = report.outcome === 'held' ? { ...rest, handedOverTo: 'ada' } : rest;
      assert.deepEqual(checkPromises(ours, DEMANDED), []);
      assert.notDeepEqual(report.next, []);
      if (report.outcome === 'held') {
        assert.deepEqual(evidence.gates, [{ gate, state: 'shut' }]);
        assert.match(report.next.join(), new RegExp(`--take-over ${report.run}`));
        return;
      }
      assert.deepEqual(await project.ids(), ids);
      assert.deepEqual(await lookAtThese(ground.engine.client, names), looks);
      const left = await ground.engine.client.listContainers({ all: true });
      assert.deepEqual(
        left.flatMap(({ Names }) => Names).filter(name => /\.lg-|lastgood-claim/.test(name)),
        [],
      );
    });
  }

  /** Whoever is asked takes it back, and where that fails as well takes it over. */
  async function goBack(run: string): Promise<void> {
    const { ground } = stand;
    const handle = ground.at.client.workflow.getHandle(rollbackId(ground.platform), run);
    for (const decide of ['revert', 'retry', 'handover'] as const) {
      const state = await poll({ what: 'the run to be held or over', deadlineMs: 120_000, everyMs: 200 }, async () => {
        const { state, awaiting } = await handle.query<RunProgress>('progress');
        return state === 'closed' || (state === 'held' && awaiting !== undefined) ? state : undefined;
      });
      if (state === 'closed') return;
      await send(ground.at, ground.platform, 'decide', { by: 'ada', reason: 'somebody ran an up', decide });
    }
  }
});
