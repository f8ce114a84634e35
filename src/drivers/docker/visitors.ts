import type Docker from 'dockerode';
import type { Look } from '../contract.ts';
import type { DockerClient } from './client.ts';
import { findContainer, type Inspection, nameOf } from './inspection.ts';

/** As an engine tells of one program that was started inside a container beside its own. */
interface Exec {
  readonly Running: boolean;
  readonly ProcessConfig?: { readonly entrypoint?: string; readonly arguments?: readonly string[] };
}

/**
 * Programs that somebody started inside containers (`docker exec`), and that end with them: one clause each. Only the
 * program is named, for its arguments may be secrets. A container's own health check is nobody's visit.
 */
export async function findVisitors(
  client: DockerClient,
  containers: readonly Docker.ContainerInfo[],
  look: Look,
): Promise<string[]> {
  const found = await Promise.all(containers.map(({ Id }) => findContainer(client, Id, look)));
  const visits = found.map(async container => {
    if (container === undefined) return [];
    const ids = (container as { ExecIDs?: string[] | null }).ExecIDs ?? [];
    const execs = await Promise.all(ids.map(id => findExec(client, id, look)));
    return execs
      .filter(exec => exec?.Running && !isHealthCheck(exec, container))
      .map(exec => `${exec?.ProcessConfig?.entrypoint ?? 'a program'} in ${nameOf(container)}`);
  });
  return (await Promise.all(visits)).flat();
}

const findExec = (client: DockerClient, id: string, look: Look): Promise<Exec | undefined> =>
  client.find(`inspect exec ${id.slice(0, 12)}`, look.signal, docker => docker.getExec(id).inspect() as Promise<Exec>);

function isHealthCheck({ ProcessConfig }: Exec, { Config }: Inspection): boolean {
  const test = (Config as { Healthcheck?: { Test?: readonly string[] } }).Healthcheck?.Test ?? [];
  const said = [ProcessConfig?.entrypoint, ...(ProcessConfig?.arguments ?? [])];
  const asked = test[0] === 'CMD' ? test.slice(1) : test.slice(1, 2);
  return test.length > 0 && JSON.stringify(said.slice(-asked.length)) === JSON.stringify(asked);
}
