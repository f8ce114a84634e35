import { clearFaults } from '../../../testbed/small/platform.ts';
import type { Stand } from '../../platforms/stand.ts';

/** As if no hand had ever been there. */
export async function anew(stand: Stand): Promise<void> {
  clearFaults(stand.small);
  stand.plan();
  const { client } = stand.engine;
  const all = await client.listContainers({ all: true });
  const left = all.filter(({ Names }) => Names.some(name => /lastgood-claim|stranger|work\.(old|theirs)/.test(name)));
  await Promise.all(left.map(({ Id }) => client.getContainer(Id).remove({ force: true })));
  await stand.deploy();
}
