import { statfs } from 'node:fs/promises';
import { canonicalJson } from '../../plan/canonical.ts';
import type { Plan, SqlLogin, VolumeTarget } from '../../plan/plan.ts';
import type { TargetState } from '../../plan/run-plan.ts';
import type { SnapshotReader } from '../../snapshots/store.ts';
import type { Call, Changed, Driver, Look, Recorded } from '../contract.ts';
import { DriverError } from '../errors.ts';
import { evidenceOf } from '../files/can-stage.ts';
import { saying } from '../files/fault.ts';
import { mustHaveNoMounts } from '../files/mounts.ts';
import { roomInside } from '../files/room.ts';
import * as trees from '../files/swap.ts';
import { packTree, unpackTree } from '../files/tree.ts';
import { treeSize } from '../files/tree-size.ts';
import { tally } from '../tally.ts';
import { addressOf } from './address.ts';
import type { DockerClient } from './client.ts';
import { findMajor, readClusterFiles } from './cluster-files.ts';
import { countLines } from './count-lines.ts';
import { mustNotBeMounted } from './mounted-by.ts';
import { placeOf, type VolumePlace } from './volume-place.ts';

export interface VolumeDriverOptions {
  readonly client: DockerClient;
  readonly fingerprint: (text: string) => string;
  /** Says which container a target is whose rows are asked for. */
  readonly plan: Pick<Plan, 'targets'>;
  readonly countSql: CountSql;
}
/** Asks `host`, an address, for one whole number. @throws DriverError */
export type CountSql = (count: { host: string; query: string; login: SqlLogin }, look: Look) => Promise<number>;

type VolumeDriver = Driver<VolumeTarget> &
  Required<Pick<Driver<VolumeTarget>, 'canStage' | 'stage' | 'drop' | 'commits' | 'swapIn' | 'swapBack' | 'settle'>> &
  Required<Pick<Driver<VolumeTarget>, 'capture' | 'exportOutgoing' | 'size' | 'countRows'>>;

/** What a volume of the release holds is a snapshot; what is recorded of it is how it was made. */
interface RecordedVolume {
  readonly version: 1;
  readonly driver: string;
  readonly options: Readonly<Record<string, string>>;
  readonly labels: Readonly<Record<string, string>>;
}

/** An unpacked tree takes this much more than its bytes, in blocks and directories. */
const ROOM = 1.2;

/** Plain local volumes of an engine on this host. Their trees are swapped inside them, by renames, while they are not in use. */
export function createVolumeDriver({ client, fingerprint, plan, countSql }: VolumeDriverOptions): VolumeDriver {
  const swapOf = async (target: VolumeTarget, call: Call) => {
    const { name, root } = await placeOf(client, target.volume, call);
    return { name, swap: { root, run: call.run, signal: call.signal } };
  };

  async function record(target: VolumeTarget, look: Look): Promise<Recorded> {
    const place = await placeOf(client, target.volume, look);
    const { Driver: driver, Options: options, Labels: labels } = place.inspection;
    const body: RecordedVolume = { version: 1, driver, options: options ?? {}, labels: labels ?? {} };
    const major = target.holds === 'postgres' ? await findMajor(place.root) : undefined;
    const holds = major === undefined ? {} : { holds: `PostgreSQL ${major}` };
    return { state: { ...stateOf(target, place, fingerprint(canonicalJson(body))), ...holds }, body };
  }

  return {
    observe: async (target, look) => (await record(target, look)).state,
    record,

    async canStage(target, _from, look) {
      const { root } = await placeOf(client, target.volume, look);
      return saying(`look for mounts in ${root}`, () => mustHaveNoMounts(root)).then(
        () => ({ verdict: 'passed', reason: `${root} can be read and written here` }),
        evidenceOf,
      );
    },

    async stage(target, _from, call, snapshot) {
      if (snapshot === undefined)
        throw new DriverError('refused', `volume ${target.volume}: no snapshot to stage from was given`);
      const { swap } = await swapOf(target, call);
      const effects = tally(call);
      await effects.effect({
        name: 'unpack',
        isDone: () => trees.findStaged(swap),
        act: signal => unpack(target, { ...swap, signal }, snapshot, call),
      });
      return effects.report('snapshot unpacked beside the live data', 'already unpacked');
    },

    checkStaged: async (target, of, _release, look) => {
      const { root } = await placeOf(client, target.volume, look);
      const progress = (done: number) => look.progress({ current: `checking ${target.volume}`, done });
      return trees.checkStaged({ root, run: of, signal: look.signal, progress });
    },

    async drop(target, call) {
      const { swap } = await swapOf(target, call);
      const effects = tally(call);
      await effects.effect({
        name: 'drop',
        isDone: async () => (await trees.isCleared(swap)) || undefined,
        act: signal => trees.drop({ ...swap, signal }),
      });
      return effects.report('staged data dropped', 'nothing was staged');
    },

    commits: 'stopped',
    async swapIn(target, call) {
      const { name, swap } = await swapOf(target, call);
      mustBeStaged(target, await trees.findPosition(swap));
      const effects = tally(call);
      await effects.effect({
        name: 'swap-in',
        isDone: async () => (await trees.isSwappedIn(swap)) || undefined,
        async act(signal) {
          await mustNotBeMounted(client, { name, root: swap.root }, 'swapped', { signal });
          const progress = (done: number) => call.progress({ current: `checking ${target.volume}`, done });
          await trees.swapIn({ ...swap, signal, progress });
        },
      });
      return effects.report("holds the snapshot's data; the outgoing data is kept inside it", 'already swapped in');
    },

    async swapBack(target, call) {
      const { name, swap } = await swapOf(target, call);
      if (isNothingBeside(await trees.findPosition(swap)))
        return { changed: false, note: 'was not swapped', nothingBeside: true };
      const effects = tally(call);
      await effects.effect({
        name: 'swap-back',
        isDone: async () => (await trees.findPosition(swap)) === 'before' || undefined,
        async act(signal) {
          await mustNotBeMounted(client, { name, root: swap.root }, 'swapped back', { signal });
          await trees.swapBack({ ...swap, signal });
        },
      });
      return effects.report('holds the data that was found', 'was not swapped');
    },

    async settle(target, call): Promise<Changed> {
      const { swap } = await swapOf(target, call);
      const effects = tally(call);
      await effects.effect({
        name: 'settle',
        isDone: async () => (await trees.isCleared(swap)) || undefined,
        act: signal => trees.settle({ ...swap, signal }),
      });
      return effects.report('outgoing data removed', 'nothing was kept');
    },

    async size(target, look, outgoingOf) {
      const { root } = await placeOf(client, target.volume, look);
      const tree = outgoingOf === undefined ? root : roomInside(root, outgoingOf).outgoing;
      await mustBeWhole(tree);
      return treeSize(tree, look.signal);
    },

    async capture(target, look, to) {
      const place = await placeOf(client, target.volume, look);
      await mustNotBeMounted(client, place, 'captured', look);
      await mustBeWhole(place.root);
      if (target.holds === 'postgres') await readClusterFiles(place.root, `volume ${target.volume}`);
      const progress = (done: number) => look.progress({ current: target.volume, done });
      await to.write(target.id, packTree(place.root, look), { signal: look.signal, progress });
      // Whoever was started meanwhile may have written under the hands of the capture.
      await mustNotBeMounted(client, place, 'captured', look);
    },

    async exportOutgoing(target, of, look, to) {
      const { root } = await placeOf(client, target.volume, look);
      const position = await trees.findPosition({ root, run: of });
      if (position !== 'after')
        throw new DriverError(
          'missing',
          `volume ${target.volume}: run ${of} keeps no outgoing data in it (${position})`,
        );
      const { outgoing } = roomInside(root, of);
      await mustBeWhole(outgoing);
      const progress = (done: number) => look.progress({ current: target.volume, done });
      await to.write(target.id, packTree(outgoing, look), { signal: look.signal, progress });
    },

    async countRows(target, count, look) {
      const { root } = await placeOf(client, target.volume, look);
      if (count.by === 'lines') return countLines(root, count.file, `volume ${target.volume}`, look.signal);
      const asked = plan.targets.find(({ id }) => id === count.target);
      if (asked?.kind !== 'docker')
        throw new DriverError(
          'refused',
          `volume ${target.volume}: rows are asked of ${count.target}, which is no container`,
        );
      return countSql(
        { host: await addressOf(client, asked.container, look), query: count.query, login: count.login },
        look,
      );
    },
  };
}

/** Neither a tree to swap in nor one to swap back. */
const isNothingBeside = (position: trees.Position): boolean => position === 'none' || position === 'unfinished';

/** Before anything is journalled: what was never begun need not be taken back. */
function mustBeStaged({ volume }: VolumeTarget, position: trees.Position): void {
  if (isNothingBeside(position))
    throw new DriverError(
      'missing',
      `volume ${volume}: expected a tree beside the live one that was staged to its end, found ${position === 'none' ? 'none' : 'a part of one'}; nothing was changed by this attempt`,
      { next: 'Somebody removed it since it was staged: a new run stages it again.' },
    );
}

/** Another filesystem is not packed: what lies on it would be missing from the capture in silence. */
const mustBeWhole = (tree: string): Promise<void> =>
  saying(`look for mounts in ${tree}`, () => mustHaveNoMounts(tree, 'would be left out of a capture'));

async function unpack(target: VolumeTarget, swap: trees.Swap, snapshot: SnapshotReader, call: Call): Promise<void> {
  const artifact = snapshot.manifest.artifacts.find(({ name }) => name === target.id);
  if (artifact === undefined)
    throw new DriverError('missing', `snapshot ${snapshot.manifest.id} holds nothing of ${target.id}`);
  const { bavail, bsize } = await statfs(swap.root);
  const [free, needed] = [bavail * bsize, Math.ceil(artifact.rawBytes * ROOM)];
  if (free < needed)
    throw new DriverError(
      'refused',
      `volume ${target.volume}: ${needed} bytes are needed beside the live data, ${free} are free`,
      {
        next: `Free ${needed - free} bytes on the filesystem of ${swap.root}.`,
      },
    );
  const staged = await trees.openStaging(swap);
  await unpackTree(told(snapshot.read(target.id, swap.signal), target, artifact.rawBytes, call), staged, swap);
  if (target.holds === 'postgres') await readClusterFiles(staged, `the snapshot of ${target.volume}`);
  const checking = (done: number): void => call.progress({ current: `checking ${target.volume}`, done });
  await trees.completeStaging({ ...swap, progress: checking });
}

/** Passes bytes on, and says how far they are. */
async function* told(bytes: AsyncIterable<Uint8Array>, target: VolumeTarget, total: number, call: Call) {
  let done = 0;
  for await (const chunk of bytes) {
    done += chunk.length;
    call.progress({ current: target.volume, done, total });
    yield chunk;
  }
}

const stateOf = (target: VolumeTarget, { name, identity }: VolumePlace, settings: string): TargetState => ({
  target: target.id,
  identity,
  version: '',
  settings,
  activity: 'none',
  label: name,
});
