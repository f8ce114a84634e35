import type { RunProgress } from '../../src/run/progress.ts';
import { rollbackId } from '../../src/workflows/messages.ts';
import { poll } from '../../testbed/process/poll.ts';
import type { Ground } from './ground.ts';

/** Waits until a run is held and asks. @throws Error when it does not come to that */
export async function untilHeld({ at, platform }: Ground, run: string): Promise<RunProgress> {
  const handle = at.client.workflow.getHandle(rollbackId(platform), run);
  return poll({ what: 'the run to be held', deadlineMs: 180_000, everyMs: 200 }, async () => {
    const progress = await handle.query<RunProgress>('progress');
    return progress.state === 'held' && progress.awaiting !== undefined ? progress : undefined;
  });
}
