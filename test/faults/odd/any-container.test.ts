import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { ReleaseId } from '../../../src/plan/ids.ts';
import { FORMS } from '../../../testbed/odd/forms.ts';
import { writeOddPlan } from '../../../testbed/odd/plan.ts';
import {
  bringUpOdd,
  clearOddFaults,
  deployOdd,
  type Odd,
  oddRequests,
  setOddFault,
  UNCHANGED,
} from '../../../testbed/odd/platform.ts';
import { nameOf, type Readings, readForms } from '../../../testbed/odd/reading.ts';
import { NAMES } from '../../../testbed/odd/requests.ts';
import { checkPromises } from '../../checker/promises.ts';
import { type Ground, layGround } from '../../platforms/ground.ts';
import type { Looks } from '../../platforms/looks.ts';
import { say } from '../../platforms/stand.ts';
import { useTemporal } from '../../support/temporal.ts';
import { lookAtThese, runStory, type Story } from './evidence.ts';
import { failRevertFirst } from './failed-revert.ts';

const { address } = await useTemporal();

/** Ends at once, and is raised by its policy. */
const FAULTY = 'args';

describe('any container', () => {
  let ground: Ground;
  let odd: Odd;
  let good: Looks;
  let readAtGood: Readings;
  let goodAtV2: Looks;

  before(async () => {
    ground = await layGround(address, 'odd');
    const { engine, platform, planFile: file, snapshots, pager } = ground;
    odd = await bringUpOdd(engine.client, { directory: `${ground.directory}/odd`, say: () => undefined });
    writeOddPlan({ file, platform, odd, socket: engine.socket, snapshots, webhook: pager });
    await ground.serve();
    // Some have ended by themselves, and one was never started.
    await ground.recordGood('v1', '--allow-stopped');
    good = await lookAtThese(engine.client, NAMES);
    readAtGood = await readForms(engine.client);
    await deployOdd(engine.client, odd, oddRequests(odd, 'v2'));
  });
  after(() => ground?.end());

  const story = (more: Partial<Story> = {}): Story => ({ names: NAMES, url: `${odd.url}/version`, good, ...more });
  const judge = (outcome: string, told: Awaited<ReturnType<typeof runStory>>) => {
    assert.equal(told.report.outcome, outcome, told.report.headline);
    assert.deepEqual(checkPromises(told.evidence), []);
  };
  const idsNow = async () =>
    new Map(
      await Promise.all(
        NAMES.map(async name => [name, (await ground.engine.client.getContainer(name).inspect()).Id] as const),
      ),
    );

  it('has every form of a setting at v1, and most of them are lost at v2', async () => {
    for (const form of FORMS) assert.deepEqual(readAtGood.get(nameOf(form)), form.want, nameOf(form));
    const now = await readForms(ground.engine.client);
    const lost = FORMS.filter(form => !isSame(now.get(nameOf(form)), form.want));
    say(`${FORMS.length} forms of settings on ${NAMES.length} containers; v2 lacks ${lost.length} of them`);
    assert.ok(lost.length > 90, `only ${lost.length}`);
  });

  it('is as it was found once a release that does not start was reverted, down to every form and id', async () => {
    const [readBefore, idsBefore] = [await readForms(ground.engine.client), await idsNow()];
    setOddFault(odd, FAULTY, 'v1:no-start');
    const told = await runStory(ground, story({ uncounted: { target: FAULTY, actions: ['start', 'die'] } }));
    clearOddFaults(odd);
    judge('reverted', told);
    assert.deepEqual(await lookAtThese(ground.engine.client, NAMES), told.now);
    sameReadings(await readForms(ground.engine.client), readBefore);
    assert.deepEqual(await idsNow(), idsBefore);
    say(`reverted: ${told.evidence.recorder?.length} engine events: ${told.report.headline}`);
  });

  it('is as it was found when the revert failed first, was held, and was told to go on', async () => {
    const [readBefore, idsBefore] = [await readForms(ground.engine.client), await idsNow()];
    setOddFault(odd, FAULTY, 'v1:no-start');
    const told = await runStory(
      ground,
      story({
        uncounted: { target: FAULTY, actions: ['start', 'die'] },
        meanwhile: run => failRevertFirst(ground, run, 'hub'),
      }),
    );
    clearOddFaults(odd);
    const recorder = told.evidence.recorder?.filter(({ target, action }) => target !== 'hub' || action === 'rename');
    judge('reverted', { ...told, evidence: { ...told.evidence, ...(recorder === undefined ? {} : { recorder }) } });
    assert.deepEqual(await lookAtThese(ground.engine.client, NAMES), told.now);
    sameReadings(await readForms(ground.engine.client), readBefore);
    assert.deepEqual(await idsNow(), idsBefore);
    say(`reverted after a failed revert: ${told.report.headline}`);
  });

  it('is v1 again once it was rolled back, down to every form; and dependants follow their providers', async () => {
    const idsBefore = await idsNow();
    // So that the next ones can be told to go there.
    await ground.recordGood('v2', '--allow-stopped');
    const told = await runStory(ground, story());
    judge('completed', told);
    goodAtV2 = told.now;
    assert.deepEqual(await lookAtThese(ground.engine.client, NAMES), good);
    sameReadings(await readForms(ground.engine.client), readAtGood);
    const idsAfter = await idsNow();
    for (const name of UNCHANGED) {
      assert.notEqual(idsAfter.get(name), idsBefore.get(name), `${name} was not made again after its provider`);
      // What it has from its lender was another at v2, and so was it.
      if (name === 'reader') continue;
      const change = told.report.changes.find(({ target }) => target === name);
      assert.match(change?.because ?? '', /which is made again/, name);
    }
    say(
      `completed: ${told.evidence.recorder?.length} engine events, ${FORMS.length} forms as at v1: ${told.report.headline}`,
    );
  });

  // Until here the platform that a revert gave back had few of the forms; now it has them all.
  for (const revert of ['reverted', 'reverted after a failed revert'] as const)
    it(`keeps every form and id when the way to the other release is ${revert}`, async () => {
      const [idsBefore, lookBefore] = [await idsNow(), await lookAtThese(ground.engine.client, NAMES)];
      setOddFault(odd, FAULTY, 'v2:no-start');
      const told = await runStory(
        ground,
        story({
          good: goodAtV2,
          request: { release: 'v2' as ReleaseId },
          uncounted: { target: FAULTY, actions: ['start', 'die'] },
          ...(revert === 'reverted' ? {} : { meanwhile: (run: string) => failRevertFirst(ground, run, 'hub') }),
        }),
      );
      clearOddFaults(odd);
      const heard = told.evidence.recorder?.filter(
        ({ target, action }) => revert === 'reverted' || target !== 'hub' || action === 'rename',
      );
      judge('reverted', {
        ...told,
        evidence: { ...told.evidence, ...(heard === undefined ? {} : { recorder: heard }) },
      });
      assert.deepEqual(await lookAtThese(ground.engine.client, NAMES), lookBefore);
      sameReadings(await readForms(ground.engine.client), startedAgain(readAtGood));
      assert.deepEqual(await idsNow(), idsBefore);
      say(`${revert} with ${FORMS.length} forms in place: ${told.report.headline}`);
    });
});

/**
 * What a second start of the very same container makes of it, as `docker restart` does too: its tmpfs, whatever mode it
 * was made with, has that of the directory under it, which the first start left (runc).
 */
function startedAgain(readings: Readings): Readings {
  const isTmpfs = (reading: unknown): reading is { itsMode: true } =>
    typeof reading === 'object' && reading !== null && 'itsMode' in reading;
  return new Map(
    [...readings].map(([form, reading]) => [form, isTmpfs(reading) ? { ...reading, itsMode: false } : reading]),
  );
}

function sameReadings(found: Readings, expected: Readings): void {
  for (const [form, reading] of expected) assert.deepEqual(found.get(form), reading, form);
}

function isSame(a: unknown, b: unknown): boolean {
  try {
    assert.deepEqual(a, b);
    return true;
  } catch {
    return false;
  }
}
