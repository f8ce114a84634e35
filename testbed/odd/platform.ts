import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type Docker from 'dockerode';
import { createNetwork } from '../docker/create-network.ts';
import { removeContainers } from '../docker/remove-containers.ts';
import { startContainer } from '../n3xus/start-stop.ts';
import { findFreePort } from '../process/free-port.ts';
import { poll } from '../process/poll.ts';
import type { Say } from '../say.ts';
import type { OddRequest } from './form.ts';
import { FORMS } from './forms.ts';
import { ensureOddImages, type OddImages, type OddRelease } from './images.ts';
import { addressesOf, NAMES, type OddName, type OddPorts, OURS, requestsOf, VOLUMES } from './requests.ts';

/** Eighteen containers with everything that one made again could lose. One an engine. */
export interface Odd {
  readonly url: string;
  readonly ports: OddPorts;
  /** Absolute. */
  readonly directory: string;
  readonly images: OddImages;
  /** `10.201.` */
  readonly prefix: string;
}

/** As v1 has them in v2 too: some are made again only because another one is. */
export const UNCHANGED: readonly OddName[] = ['sidecar', 'linked', 'reader'];
/** These change their image and settings, and keep their forms. */
const KEPT: readonly OddName[] = ['watcher', 'gate'];
/** Whom others hold on to. */
export const LENDERS: readonly OddName[] = ['base', 'vault', 'hub'];
const LABEL = Object.entries(OURS).map(([name, value]) => `${name}=${value}`);

/** Brings the platform up at v1. @throws Error */
export async function bringUpOdd(engine: Docker, options: { directory: string; say: Say }): Promise<Odd> {
  const directory = resolve(options.directory);
  const images = await ensureOddImages(engine, options.say);
  for (const one of ['control', 'bind', 'bind-ro', 'private', 'mounted'])
    mkdirSync(join(directory, one), { recursive: true, mode: 0o755 });
  writeFileSync(join(directory, 'bind', 'file'), 'of the host');
  const range = await findFreePort();
  const ports = {
    gate: await findFreePort(),
    fixed: await findFreePort(),
    udp: await findFreePort(),
    several: [await findFreePort(), await findFreePort()] as const,
    range,
  };
  const odd: Odd = { url: `http://127.0.0.1:${ports.gate}`, ports, directory, images, prefix: await prefixOf(engine) };
  await makeNetworks(engine, odd);
  for (const Name of VOLUMES) await engine.createVolume({ Name, Labels: OURS });
  await deployOdd(engine, odd, requestsOf({ ...odd, release: 'v1' }));
  return odd;
}

/** v2: another image and memory of another release in each; of most of them every form is lost. */
export function oddRequests(odd: Odd, release: OddRelease): OddRequest[] {
  const v1 = requestsOf({ ...odd, release: 'v1' });
  if (release === 'v1') return v1;
  return v1.map(request => {
    if (UNCHANGED.includes(request.name)) return request;
    request.body.Image = odd.images.v2;
    request.body.Env?.push('RELEASE=v2');
    if (!KEPT.includes(request.name))
      for (const form of FORMS) if (form.on === request.name && !form.stays) form.lose(request);
    return request;
  });
}

/** Makes every container anew: whatever was left is removed, named volumes stay. */
export async function deployOdd(engine: Docker, odd: Odd, requests: readonly OddRequest[]): Promise<void> {
  await removeOurs(engine);
  const lend = ({ name }: OddRequest): boolean => LENDERS.includes(name);
  for (const wave of [requests.filter(lend), requests.filter(request => !lend(request))])
    await Promise.all(wave.map(request => makeOdd(engine, request)));
  await awaitOdd(engine, odd);
}

/** One container, made and started. */
export async function makeOdd(engine: Docker, { name, body, joins }: OddRequest): Promise<void> {
  try {
    await make(engine, { name, body, joins });
  } catch (error) {
    throw new Error(`the odd container ${name} could not be made: ${(error as Error).message}`, { cause: error });
  }
}

async function make(engine: Docker, { name, body, joins }: OddRequest): Promise<void> {
  await engine.createContainer({ _query: { name }, _body: body } as unknown as Docker.ContainerCreateOptions);
  for (const [network, EndpointConfig] of Object.entries(joins))
    await engine.getNetwork(network).connect({ Container: name, EndpointConfig });
  if (name !== 'spare') await startContainer(engine, name);
  if (name === 'vault') await leaveMarkers(engine);
}

/** What only the anonymous volumes hold. */
async function leaveMarkers(engine: Docker): Promise<void> {
  const { Mounts } = await engine.getContainer('vault').inspect();
  for (const { Destination, Source, Name } of Mounts)
    if (['/own', '/cache'].includes(Destination) && Name !== undefined) writeFileSync(join(Source, 'marker'), 'kept');
}

/** Until the gate answers and what ends by itself has ended. */
async function awaitOdd(engine: Docker, { url }: Odd): Promise<void> {
  await poll({ what: 'the odd platform to answer', deadlineMs: 60_000, everyMs: 50 }, async () => {
    const answer = await fetch(`${url}/version`, { signal: AbortSignal.timeout(3_000) });
    return answer.ok && (await engine.getContainer('parked').inspect()).State.Status === 'exited';
  });
}

/** What one service does wrong from now on: `v1:no-start`; empty ends it. */
export const setOddFault = ({ directory }: Odd, service: OddName, fault: string): void =>
  writeFileSync(join(directory, 'control', service), fault);

export function clearOddFaults({ directory }: Odd): void {
  for (const name of NAMES) rmSync(join(directory, 'control', name), { force: true });
}

/** As `docker rm` does: their own volumes are left. */
async function removeOurs(engine: Docker): Promise<void> {
  const ours = await engine.listContainers({ all: true, filters: { label: LABEL } });
  await removeContainers(engine, ours, { v: false });
}

/** The engine's own range of addresses, of which its bridge takes the first part, and it the upper half for others. */
async function prefixOf(engine: Docker): Promise<string> {
  const { IPAM } = await engine.getNetwork('bridge').inspect();
  const prefix = /^\d+\.\d+\./.exec(IPAM?.Config?.[0]?.Subnet ?? '')?.[0];
  if (prefix === undefined) throw new Error("the engine's own network has no range of addresses");
  return prefix;
}

async function makeNetworks(engine: Docker, { prefix }: Odd): Promise<void> {
  const { front, back } = addressesOf(prefix);
  const range = (...subnets: readonly string[]) => ({ Driver: 'default', Config: subnets.map(Subnet => ({ Subnet })) });
  await createNetwork(engine, {
    Name: 'odd-front',
    Labels: OURS,
    EnableIPv6: true,
    IPAM: range(front.subnet, front.subnet6),
  });
  await createNetwork(engine, { Name: 'odd-back', Labels: OURS, IPAM: range(back.subnet) });
  await createNetwork(engine, { Name: 'odd-any', Labels: OURS });
}
