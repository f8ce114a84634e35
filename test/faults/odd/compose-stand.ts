import type { Document } from 'yaml';
import type { ComposeService } from '../../../testbed/odd/compose-file.ts';
import { writeOddPlan } from '../../../testbed/odd/plan.ts';
import { poll } from '../../../testbed/process/poll.ts';
import { type Ground, layGround } from '../../platforms/ground.ts';
import type { Looks } from '../../platforms/looks.ts';
import { say } from '../../platforms/stand.ts';
import { type Compose, findCompose } from '../../support/compose.ts';
import { makeProject, type Project, partsOf } from './compose-project.ts';
import { lookAtThese, runStory, type Story, type Told } from './evidence.ts';

/** A ground with a project on it that docker-compose brought up: v1 recorded and good, v2 up since. */
export interface ComposeStand {
  readonly ground: Ground;
  readonly compose: Compose;
  readonly project: Project;
  /** Of its containers. */
  readonly names: readonly string[];
  readonly good: Looks;
  readonly labelsAtGood: Awaited<ReturnType<Project['labels']>>;
  plan(edit?: (plan: Document) => void): Promise<void>;
  /** Waits until the gate lets users in. */
  answers(): Promise<unknown>;
  /** Services in a namespace whose lender docker-compose removed. */
  stranded(): Promise<readonly { readonly service: ComposeService; readonly runs: boolean }[]>;
  /** As the refusal of a run says. */
  mend(): Promise<void>;
  /** One rollback, with all that can be known of it. */
  rollBack(more?: Partial<Story>): Promise<Told>;
}

/** @param front what the worker meets instead of the engine's own socket */
export async function setComposeStand(
  address: string,
  name: string,
  front: (socket: string) => string = socket => socket,
): Promise<ComposeStand> {
  const compose = await findCompose(say);
  const ground = await layGround(address, name);
  try {
    const project = await makeProject(ground, compose);
    const answers = () =>
      poll({ what: 'the gate to answer', deadlineMs: 60_000, everyMs: 100 }, async () => (await fetch(project.url)).ok);
    const plan: ComposeStand['plan'] = async edit => {
      const { engine, platform, planFile: file, snapshots, pager: webhook } = ground;
      const [odd, parts, socket] = [{ url: new URL(project.url).origin }, await partsOf(project), front(engine.socket)];
      writeOddPlan({ file, platform, odd, parts, socket, snapshots, webhook, ...(edit ? { edit } : {}) });
    };
    project.write('v1');
    await project.up();
    await answers();
    const names = [...(await project.names()).values()];
    await plan(document => {
      document.setIn(['aftercare', 'for'], '1s');
      document.setIn(['aftercare', 'every'], '1s');
    });
    await ground.serve();
    await ground.recordGood('v1', '--allow-stopped');
    const good = await lookAtThese(ground.engine.client, names);
    const labelsAtGood = await project.labels();
    project.write('v2');
    await project.up();
    await answers();
    const rollBack: ComposeStand['rollBack'] = async more => {
      const gate = (await project.names()).get('gate') ?? '';
      return runStory(ground, { names, url: project.url, gate, good, ...more });
    };
    const stranded: ComposeStand['stranded'] = async () => {
      const { client } = ground.engine;
      const ids = new Set((await client.listContainers({ all: true })).map(({ Id }) => Id));
      const found = await Promise.all(
        [...(await project.ids())].map(async ([service, id]) => {
          const { HostConfig, State } = await client.getContainer(id).inspect();
          const modes = [HostConfig.NetworkMode, HostConfig.PidMode];
          const lenders = modes.flatMap(mode => /^container:(.+)$/.exec(mode ?? '')?.[1] ?? []);
          return lenders.some(lender => !ids.has(lender)) ? [{ service, runs: State.Running }] : [];
        }),
      );
      return found.flat();
    };
    const mend = async (): Promise<void> => {
      const services = (await stranded()).map(({ service }) => service);
      if (services.length > 0) await project.up('--force-recreate', '--no-deps', ...services);
    };
    return { stranded, mend, ground, compose, project, names, good, labelsAtGood, plan, answers, rollBack };
  } catch (error) {
    await ground.end();
    throw error;
  }
}
