import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { clearFaults } from '../../../testbed/small/platform.ts';
import { journalNow } from '../../platforms/kill-points.ts';
import type { Stand } from '../../platforms/stand.ts';

/** As if no hand had ever been there. */
export async function anew(stand: Stand): Promise<void> {
  clearFaults(stand.small);
  stand.plan();
  const { client } = stand.engine;
  const all = await client.listContainers({ all: true });
  const left = all.filter(({ Names }) => Names.some(name => /lastgood-claim|stranger|work\.(old|theirs)/.test(name)));
  await Promise.all(left.map(({ Id }) => client.getContainer(Id).remove({ force: true })));
  forgetHandedOver(stand);
  await stand.deploy();
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
