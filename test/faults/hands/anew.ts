import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { removeContainers } from '../../../testbed/docker/remove-containers.ts';
import { clearFaults } from '../../../testbed/small/platform.ts';
import { SERVICES } from '../../../testbed/small/requests.ts';
import { journalNow } from '../../platforms/kill-points.ts';
import { type Looks, lookAtSmall } from '../../platforms/looks.ts';
import type { Stand } from '../../platforms/stand.ts';

/** As if no hand had ever been there. */
export async function anew(stand: Stand): Promise<void> {
  clearFaults(stand.small);
  stand.plan();
  const { client } = stand.engine;
  const all = await client.listContainers({ all: true });
  const left = all.filter(({ Names }) => Names.some(name => /lastgood-claim|stranger|work\.(old|theirs)/.test(name)));
  await removeContainers(client, left, { v: false });
  forgetHandedOver(stand);
  if (await isAsDeployed(stand)) return;
  await stand.deploy();
  deployed.set(stand, await lookAtSmall(client, stand.small));
}

const deployed = new WeakMap<Stand, Looks>();

/** A run that was refused or taken back leaves it so: nothing needs to be made again. */
async function isAsDeployed(stand: Stand): Promise<boolean> {
  const { client } = stand.engine;
  const names = (await client.listContainers({ all: true })).flatMap(({ Names }) => Names);
  const isAlone = names.every(name => SERVICES.some(service => name === `/${service.name}`));
  return isAlone && isDeepStrictEqual(await lookAtSmall(client, stand.small), deployed.get(stand));
}

/** What was handed over to a person keeps new runs out until it is taken over, whatever became of its claim. */
function forgetHandedOver(stand: Stand): void {
  const home = join(stand.state, 'journals', stand.platform);
  for (const file of readdirSync(home)) {
    const entries = journalNow(stand, file.slice(0, -'.jsonl'.length));
    const isHeld = entries.some(({ fact }) => fact.type === 'closed' && fact.outcome === 'held');
    if (isHeld) rmSync(join(home, file));
  }
}
