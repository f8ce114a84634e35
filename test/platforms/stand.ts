import { join } from 'node:path';
import { type SmallPlanOptions, writeSmallPlan } from '../../testbed/small/plan.ts';
import { bringUpSmall, deploySmall, type Small, type SmallDeploy } from '../../testbed/small/platform.ts';
import { type Ground, layGround } from './ground.ts';
import { type Looks, lookAtSmall } from './looks.ts';

const quiet = (): void => undefined;
/** Where the seconds of a stand go, for whoever asks. */
export const say = (line: string): void => void process.stderr.write(`# ${line}\n`);

/** A ground with the small platform on it, v1 recorded and good, v2 deployed since. */
export interface Stand extends Ground {
  readonly small: Small;
  /** The platform when v1 earned good. */
  readonly good: Looks;
  plan(edit?: SmallPlanOptions['edit']): void;
  /** Everything anew at v2, and whatever earlier runs left removed. */
  deploy(options?: Omit<SmallDeploy, 'to'>): Promise<void>;
}

/** @param address of a Temporal server */
export async function setStand(address: string, edit?: SmallPlanOptions['edit']): Promise<Stand> {
  const ground = await layGround(address, 'small');
  const { engine, directory, platform, snapshots, pager, planFile: file } = ground;
  try {
    const small = await bringUpSmall(engine.client, { directory: join(directory, 'small'), say: quiet });
    const plan: Stand['plan'] = more =>
      writeSmallPlan({
        file,
        platform,
        small,
        socket: engine.socket,
        snapshots,
        webhook: pager,
        edit: document => {
          edit?.(document);
          more?.(document);
        },
      });
    plan();
    await ground.serve();
    await ground.recordGood('v1');
    const good = await lookAtSmall(engine.client, small);
    const deploy: Stand['deploy'] = options => deploySmall(engine.client, small, { to: 'v2', ...options });
    await deploy();
    return { ...ground, small, good, plan, deploy };
  } catch (error) {
    await ground.end();
    throw error;
  }
}
