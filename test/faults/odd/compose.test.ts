import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Document } from 'yaml';
import type { ComposeService } from '../../../testbed/odd/compose-file.ts';
import { writeOddPlan } from '../../../testbed/odd/plan.ts';
import { poll } from '../../../testbed/process/poll.ts';
import { checkPromises } from '../../checker/promises.ts';
import { type Ground, layGround, well } from '../../platforms/ground.ts';
import type { Looks } from '../../platforms/looks.ts';
import { say } from '../../platforms/stand.ts';
import { type Compose, findCompose } from '../../support/compose.ts';
import { useTemporal } from '../../support/temporal.ts';
import { makeProject, type Project, partsOf } from './compose-project.ts';
import { lookAtThese, runStory } from './evidence.ts';

const { address } = await useTemporal();

describe('a platform that docker-compose made', () => {
  let ground: Ground;
  let compose: Compose;
  let project: Project;
  let names: readonly string[];
  let good: Looks;
  let labelsAtGood: Awaited<ReturnType<Project['labels']>>;

  const plan = async (edit?: (plan: Document) => void) => {
    const { engine, platform, planFile: file, snapshots, pager } = ground;
    const odd = { url: new URL(project.url).origin };
    const parts = await partsOf(project);
    writeOddPlan({
      file,
      platform,
      odd,
      parts,
      socket: engine.socket,
      snapshots,
      webhook: pager,
      ...(edit ? { edit } : {}),
    });
  };

  before(async () => {
    compose = await findCompose(say);
    ground = await layGround(address, 'compose');
    project = await makeProject(ground, compose);
    project.write('v1');
    await project.up();
    await answers();
    names = [...(await project.names()).values()];
    await plan(document => {
      document.setIn(['aftercare', 'for'], '1s');
      document.setIn(['aftercare', 'every'], '1s');
    });
    await ground.serve();
    await ground.recordGood('v1', '--allow-stopped');
    good = await lookAtThese(ground.engine.client, names);
    labelsAtGood = await project.labels();
    project.write('v2');
    await project.up();
    await answers();
  });
  after(() => ground?.end());

  const answers = () =>
    poll({ what: 'the gate to answer', deadlineMs: 60_000, everyMs: 100 }, async () => (await fetch(project.url)).ok);
  const rollBack = async () => {
    const gate = (await project.names()).get('gate') ?? '';
    const told = await runStory(ground, { names, url: project.url, gate, good });
    assert.equal(told.report.outcome, 'completed', told.report.headline);
    assert.deepEqual(checkPromises(told.evidence), []);
    assert.deepEqual(await lookAtThese(ground.engine.client, names), good);
    return told.report;
  };
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
    const stranded = await strandedNow();
    const planned = await ground.cli('plan', ground.platform);
    if (!stranded.some(({ runs }) => runs)) return void assert.equal(planned.code, 0, planned.stderr);
    assert.notEqual(planned.code, 0);
    // One that shared the processes died with them.
    for (const { service } of stranded.filter(({ runs }) => runs))
      assert.match(planned.stdout + planned.stderr, new RegExp(`odd[_-]${service}[_-]1 shares`));
    assert.match(planned.stdout + planned.stderr, /which is gone/);
    say(`refused: docker-compose ${compose.version} left ${listOf(stranded)} in a namespace that is gone`);
    await mend();
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

  it("is rolled back with docker-compose's own labels, which the report and the labels tell", async () => {
    const report = await rollBack();
    assert.deepEqual(report.afterwards, foretold);
    assert.deepEqual(await project.labels(), labelsAtGood);
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
    await answers();
    say(`docker-compose up with v2's file made ${named.join(', ')} again, as foretold`);
  });

  it('says truly that until it is settled docker-compose takes what was set aside for its own', async () => {
    await mend();
    await plan();
    const report = await rollBack();
    const named = servicesIn(report.afterwards ?? [], /further containers of (.+?), and up/);
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

  /** As the refusal says. */
  async function mend(): Promise<void> {
    const stranded = await strandedNow();
    if (stranded.length > 0)
      await project.up('--force-recreate', '--no-deps', ...stranded.map(({ service }) => service));
  }

  async function strandedNow(): Promise<readonly { readonly service: ComposeService; readonly runs: boolean }[]> {
    const all = await ground.engine.client.listContainers({ all: true });
    const ids = new Set(all.map(({ Id }) => Id));
    const found = await Promise.all(
      [...(await project.ids())].map(async ([service, id]) => {
        const { HostConfig, State } = await ground.engine.client.getContainer(id).inspect();
        const { NetworkMode, PidMode } = HostConfig;
        const lenders = [NetworkMode, PidMode].flatMap(mode => /^container:(.+)$/.exec(mode ?? '')?.[1] ?? []);
        return lenders.some(lender => !ids.has(lender)) ? [{ service, runs: State.Running }] : [];
      }),
    );
    return found.flat();
  }
});

const listOf = (stranded: readonly { readonly service: string }[]): string =>
  stranded.map(({ service }) => service).join(', ');

const servicesIn = (sentences: readonly string[], pattern: RegExp): string[] =>
  sentences.flatMap(sentence => pattern.exec(sentence)?.[1]?.split(', ') ?? []).sort();
