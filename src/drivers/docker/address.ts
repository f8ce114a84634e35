import type { Look } from '../contract.ts';
import { DriverError } from '../errors.ts';
import type { DockerClient } from './client.ts';
import { getContainer, type Inspection } from './inspection.ts';
import { networkModeOf } from './networks.ts';

/**
 * Where a running container answers, as seen from the engine's host: its address on the network it was made for, else
 * on its first; the host's loopback where it has no network of its own; the lender's where it borrows one.
 * @throws missing | refused when it has no network | conflict while it does not run
 */
export async function addressOf(client: DockerClient, container: string, look: Pick<Look, 'signal'>): Promise<string> {
  const found = await getContainer(client, container, look);
  const mode = networkModeOf(found);
  if (mode === 'host') return '127.0.0.1';
  if (mode === 'none')
    throw new DriverError('refused', `container ${container} has no network: it cannot be asked anything`);
  const lender = /^container:(.+)$/.exec(mode)?.[1];
  if (lender !== undefined) return addressOf(client, lender, look);
  const address = addressIn(found, mode);
  if (address !== undefined) return address;
  throw new DriverError('conflict', `container ${container} has no address now (${found.State.Status})`);
}

function addressIn({ NetworkSettings: { Networks } }: Inspection, mode: string): string | undefined {
  const names = Object.keys(Networks).sort((a, b) => Number(b === mode) - Number(a === mode) || (a < b ? -1 : 1));
  const addresses = names.map(name => Networks[name]?.IPAddress || Networks[name]?.GlobalIPv6Address);
  return addresses.find(address => address !== undefined && address !== '');
}
