import type { RunId } from '../../plan/ids.ts';
import type { ContainerTarget } from '../../plan/plan.ts';
import type { Call, Made } from '../contract.ts';
import { tally } from '../tally.ts';
import type { DockerClient } from './client.ts';
import { ensureImage } from './images.ts';
import { findContainer, type Inspection } from './inspection.ts';
import { LABEL } from './labels.ts';
import { isRemadeBy, madeAgain, mustBeGone, standing } from './own.ts';
import { byIds } from './providers.ts';
import type { RecordedContainer } from './recorded-container.ts';
import { create, createBody, joinNetworks } from './staging.ts';

/** What a staging of no run is called: only containers under their own names provide for what is made again. */
const NO_RUN = '' as RunId;

/**
 * Makes a container again under its own name, from what was recorded of it: the one that undo kept has vanished. Its
 * own volumes are those that the release's container carried over. One that an earlier attempt made, and did not finish,
 * is finished; nothing happens where it stands already.
 * @param from its record, and the id of the one that was recorded
 * @throws conflict when that very one is still there under another name, or somebody else's has this one
 */
export async function remakeContainer(
  client: DockerClient,
  target: ContainerTarget,
  from: { readonly recorded: RecordedContainer; readonly id: string },
  call: Call,
): Promise<Made> {
  const { recorded, id } = from;
  const name = target.container;
  const ours = (live: Inspection | undefined): string | undefined => {
    if (live !== undefined && live.Id !== id && !isRemadeBy(live, call.run)) throw madeAgain(name, live, id);
    return live?.Id;
  };
  await mustBeGone(client, name, id, call);
  const { live, made } = await standing(client, target, call);
  // A stranger is told before an image is fetched for nothing.
  ours(live);
  const effects = tally(call);
  await ensureImage(client, recorded.image, effects, call);
  const providers = await byIds(client, recorded.request, NO_RUN, call);
  const labels = { [LABEL.remade]: call.run };
  const body = await createBody(client, recorded, { labels, live: made, providers }, call);
  const identity = await effects.effect({
    name: 'create-again',
    isDone: async () => ours(await findContainer(client, name, call)),
    act: signal => create(client, name, recorded, body, signal),
  });
  call.progress({ current: name });
  await joinNetworks(client, name, recorded, effects, call);
  return {
    ...effects.report(`${name} was gone: it is made again from its record`, `${name} was made again from its record`),
    identity,
  };
}
