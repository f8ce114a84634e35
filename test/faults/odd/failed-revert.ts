import assert from 'node:assert/strict';
import { send } from '../../../src/client/runs.ts';
import { type RunId, stagedName } from '../../../src/plan/ids.ts';
import type { Ground } from '../../platforms/ground.ts';
import { untilHeld } from '../../platforms/held.ts';
import { awaitPoint } from '../../platforms/kill-points.ts';

/**
 * A run that reverts, whose revert fails: whoever has the name that the release's container must have back keeps it from
 * being taken out. It is held; the name is given back, and a person has it try again.
 */
export async function failRevertFirst(ground: Ground, run: string, container: string): Promise<void> {
  await awaitPoint(ground, run, { step: 'start-tiers', edge: 'began' });
  const { client } = ground.engine;
  const { Image } = await client.getContainer(container).inspect();
  const stranger = await client.createContainer({ name: stagedName(container, run as RunId), Image });
  const held = await untilHeld(ground, run);
  assert.equal(held.direction, 'undo');
  assert.equal(held.traffic, 'shut');
  await stranger.remove();
  const said = { by: 'whoever is on call', reason: 'seen', decide: 'retry' };
  const { heeded } = await send(ground.at, ground.platform, 'decide', said);
  assert.ok(heeded?.counted, heeded?.why);
}
