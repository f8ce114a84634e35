import type Docker from 'dockerode';
import { createNetwork } from '../docker/create-network.ts';
import { NETWORK } from './container-request.ts';
import { OURS } from './ownership.ts';

/**
 * Makes the platform's network with addresses of its own, and returns their first three parts.
 * The engine chooses which are free; then the network is made again with them named, because only such a network
 * gives a container a fixed address.
 */
export async function makeNetwork(engine: Docker): Promise<string> {
  const create = (subnet?: string) =>
    createNetwork(engine, {
      Name: NETWORK,
      CheckDuplicate: true,
      Driver: 'bridge',
      Labels: OURS,
      ...(subnet === undefined ? {} : { IPAM: { Driver: 'default', Config: [{ Subnet: subnet }] } }),
    });
  const free = await create();
  const found = ((await free.inspect()) as Docker.NetworkInspectInfo).IPAM?.Config?.[0]?.Subnet ?? '';
  await free.remove();
  const subnet = found.split('.').slice(0, 3).join('.');
  await create(`${subnet}.0/24`);
  return subnet;
}
