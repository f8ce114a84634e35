import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { poll } from '../../../testbed/process/poll.ts';
import { checkPromises } from '../../checker/promises.ts';
import { type Ground, well } from '../../platforms/ground.ts';
import { say } from '../../platforms/stand.ts';
import type { Compose } from '../../support/compose.ts';
import { useTemporal } from '../../support/temporal.ts';
import type { Project } from './compose-project.ts';
import { type ComposeStand, setComposeStand } from './compose-stand.ts';
import { lookAtThese } from './evidence.ts';
import { failRevertFirst } from './failed-revert.ts';

const { address } = await useTemporal();

describe('a platform that docker-compose made', () => {
  let stand: ComposeStand;
  let ground: Ground;
  let compose: Compose;
  let project: Project;

  before(async () => {
    stand = await setComposeStand(address, 'compose');
    ({ ground, compose, project } = stand);
  });
  after(() => ground?.end());

  const rollBack = async () => {
    const told = await stand.rollBack();
    assert.equal(told.report.outcome, 'completed', told.report.headline);
    assert.deepEqual(checkPromises(told.evidence), []);
    assert.deepEqual(await lookAtThese(ground.engine.client, stand.names), stand.good);
    return told.report;
  };
  const looksNow = () => lookAtThese(ground.engine.client, stand.names);
  /** Services that an `up` makes again. */
  const madeAgainBy = async (release: 'v1' | 'v2'): Promise<readonly string[]> => {
    project.write(release);
    const before = await project.ids();
    await project.up();
    const now = await project.ids();
    return [...now].flatMap(([service, id]) => (before.get(service) === id ? [] : [service]));
  };
  let foretold: readonly string[] = [];

  it('refuses a run while a container lives in a namespace whose lender docker-compose removed, and says what to do', async () => {
    const stranded = await stand.stranded();
    const planned = await ground.cli('plan', ground.platform);
    // Docker Compose 1 makes a lender again, and not those that live in its namespaces.
    if (compose.major === 1) assert.ok(stranded.length > 0, 'nothing is left behind by an up');
    if (!stranded.some(({ runs }) => runs)) return void assert.equal(planned.code, 0, planned.stderr);
    assert.notEqual(planned.code, 0);
    // One that shared the processes died with them.
    for (const { service } of stranded.filter(({ runs }) => runs))
      assert.match(planned.stdout + planned.stderr, new RegExp(`odd[_-]${service}[_-]1 shares`));
    assert.match(planned.stdout + planned.stderr, /which is gone/);
    say(`refused: docker-compose ${compose.version} left ${listOf(stranded)} in a namespace that is gone`);
    await stand.mend();
  });

  it('says in the plan what docker-compose would make again with the file that is on disk', async () => {
    const { stdout } = await well(ground.cli('plan', ground.platform, '-o', 'json'));
    const { outline } = JSON.parse(stdout) as { outline: { afterwards?: readonly string[] } };
    foretold = outline.afterwards ?? [];
    const page = (await well(ground.cli('plan', ground.platform))).stdout.replace(/\s+/g, ' ');
    assert.match(page, /afterwards docker-compose up/);
    assert.equal(
      servicesIn(foretold, /would make (.+?) again: .*docker-compose\.yml/).length > 0,
      true,
      foretold.join('\n'),
    );
    say(foretold.join('\n'));
  });

  for (const [title, failsFirst] of [
    ['once a release that does not start was reverted', false],
    ['when that revert failed first, was held, and was told to go on', true],
  ] as const) {
    it(`is as docker-compose left it ${title}: its up with the file of then changes nothing`, async () => {
      const [before, labels, ids] = await Promise.all([looksNow(), project.labels(), project.ids()]);
      project.fault('vault', 'v1:no-start');
      const vault = (await project.names()).get('vault') ?? '';
      const told = await stand.rollBack({
        uncounted: { target: vault, actions: ['start', 'die'] },
        ...(failsFirst ? { meanwhile: run => failRevertFirst(ground, run, vault) } : {}),
      });
      project.fault('vault', '');
      assert.equal(told.report.outcome, 'reverted', told.report.headline);
      // What the stranger was made and removed under is the name of a container of the run's.
      const recorder = (told.evidence.recorder ?? []).filter(
        ({ target, action }) => !failsFirst || target !== vault || action === 'rename',
      );
      assert.deepEqual(checkPromises({ ...told.evidence, recorder }), []);
      assert.deepEqual(await looksNow(), before);
      assert.deepEqual([await project.labels(), await project.ids()], [labels, ids]);
      assert.deepEqual(await madeAgainBy('v2'), []);
      say(`docker-compose ${compose.version} up changed nothing ${title}: ${told.report.headline}`);
    });
  }

  it("is rolled back with docker-compose's own labels, which the report and the labels tell", async () => {
    const report = await rollBack();
    assert.deepEqual(report.afterwards, foretold);
    assert.deepEqual(await project.labels(), stand.labelsAtGood);
  });

  it('is left alone by docker-compose up with the file of the release once aftercare has settled, but for what the plan named', async () => {
    await settled();
    const since = (await ground.recorder.events()).length;
    const named = servicesIn(foretold, /would make (.+?) again, whatever its file says/);
    assert.deepEqual(named, compose.major === 1 ? ['watcher'] : []);
    const names = await project.names();
    assert.deepEqual(await madeAgainBy('v1'), named);
    const others = [...names].filter(([service]) => !named.includes(service)).map(([, name]) => name);
    const events = (await ground.recorder.events()).slice(since).filter(({ name }) => others.includes(name));
    const touched = events.filter(
      ({ type, action }) => type === 'container' && /^(create|start|die|destroy|rename)$/.test(action),
    );
    assert.deepEqual(touched, []);
    say(
      `docker-compose ${compose.version} up changed nothing of ${others.length} containers; made again, as foretold: ${named.join(', ') || 'none'}`,
    );
  });

  it('has exactly those services made again by docker-compose up with the other file that the plan named', async () => {
    const named = servicesIn(foretold, /would make (.+?) again: .*docker-compose\.yml/);
    assert.deepEqual(await madeAgainBy('v2'), named);
    await stand.answers();
    say(`docker-compose up with v2's file made ${named.join(', ')} again, as foretold`);
  });

  it('says truly that until it is settled docker-compose takes what was set aside for its own', async () => {
    await stand.mend();
    await stand.plan();
    const report = await rollBack();
    const named = servicesIn(report.afterwards ?? [], /further containers of (.+?), and up/);
    assert.ok(named.length > 0, `nothing was foretold of what is set aside: ${report.afterwards?.join('; ')}`);
    const madeAgain = await madeAgainBy('v1');
    for (const service of madeAgain) assert.ok(named.includes(service), `${service} was made again and not foretold`);
    say(
      `before it was settled docker-compose up made ${madeAgain.join(', ') || 'nothing'} again; foretold were ${named.join(', ')}`,
    );
  });

  async function settled(): Promise<void> {
    await poll({ what: 'what was set aside to be settled', deadlineMs: 120_000, everyMs: 200 }, async () => {
      const all = await ground.engine.client.listContainers({ all: true });
      return !all.some(({ Names }) => Names.some(name => name.includes('.lg-')));
    });
  }
});

const listOf = (stranded: readonly { readonly service: string }[]): string =>
  stranded.map(({ service }) => service).join(', ');

const servicesIn = (sentences: readonly string[], pattern: RegExp): string[] =>
  sentences.flatMap(sentence => pattern.exec(sentence)?.[1]?.split(', ') ?? []).sort();
