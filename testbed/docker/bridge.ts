import { systemPath } from '../process/find-program.ts';
import { run, runWell } from '../process/run.ts';

export interface Bridge {
  /** At most 15 characters, as the kernel wants it. */
  readonly name: string;
  /** `10.201.`: the head of every address of the engine's own networks. */
  readonly prefix: string;
}

const options = () => ({ deadlineMs: 10_000, env: { ...process.env, PATH: systemPath() } });
const ip = (...args: string[]): Promise<string> => runWell('ip', args, options());

/** 10.201.0.0/16 to 10.250.0.0/16, one a private engine: seldom anybody's own. */
const FIRST = 201;
const LAST = 250;

/**
 * Makes a bridge with a range of addresses that no route and no interface of this machine uses. Making the bridge is
 * the claim: of two that start at once, the kernel gives the name to one.
 */
export async function claimBridge(): Promise<Bridge> {
  const text = `${await ip('-o', '-4', 'addr')}\n${await ip('-4', 'route', 'show', 'table', 'all')}`;
  const used = text.split(/\s+/);
  for (let second = FIRST; second <= LAST; second++) {
    const bridge = { name: `lastgood${second}`, prefix: `10.${second}.` };
    if (used.some(word => word.startsWith(bridge.prefix))) continue;
    const made = await run('ip', ['link', 'add', bridge.name, 'type', 'bridge'], options());
    if (made.code !== 0) {
      if (made.stderr.includes('File exists')) continue;
      throw new Error(`the bridge ${bridge.name} could not be made: ${made.stderr.trim()}`);
    }
    await ip('addr', 'add', `${bridge.prefix}0.1/24`, 'dev', bridge.name);
    await ip('link', 'set', bridge.name, 'up');
    return bridge;
  }
  throw new Error(`no free range of addresses among 10.${FIRST}.0.0/16 to 10.${LAST}.0.0/16: remove bridges lastgood*`);
}

/** The engine's bridge, and those of its networks that are left. */
export async function findBridges(bridge: Bridge): Promise<string[]> {
  const found = new Set<string>();
  for (const line of (await ip('-o', '-4', 'addr')).split('\n')) {
    const [, name, , address] = line.trim().split(/\s+/);
    if (name !== undefined && address?.startsWith(bridge.prefix)) found.add(name);
  }
  if ((await run('ip', ['link', 'show', bridge.name], options())).code === 0) found.add(bridge.name);
  return [...found];
}

export async function removeBridge(name: string): Promise<void> {
  await ip('link', 'del', name);
}
