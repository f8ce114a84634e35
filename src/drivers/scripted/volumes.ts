import type { VolumeTarget } from '../../plan/plan.ts';
import type { Driver } from '../contract.ts';
import { DriverError } from '../errors.ts';
import { tally } from '../tally.ts';
import { isUp } from './stopping.ts';
import type { Tree, Volume, World } from './world.ts';

/** Volumes of the scripted world: a tree is a version and a number of rows. */
export function createScriptedVolumes(world: World): Driver<VolumeTarget> {
  const volume = (target: VolumeTarget): Volume => {
    const one = world.volumes.get(target.volume);
    if (one === undefined) throw new DriverError('missing', `volume ${target.volume}: it is not there`);
    return one;
  };
  const observe: Driver<VolumeTarget>['observe'] = (target, look) =>
    world.read('observe', target.volume, look.signal, () => {
      const { holds } = volume(target).live;
      return {
        target: target.id,
        identity: target.volume,
        version: '',
        settings: 'local',
        activity: 'none',
        label: target.volume,
        ...(holds === undefined ? {} : { holds }),
      };
    });
  /** What is to be swapped in, or back. */
  const liesBeside = (target: VolumeTarget, run: string): boolean =>
    volume(target).staged.has(run) || volume(target).outgoing.has(run);
  const nothingStaged = ({ volume: name }: VolumeTarget): DriverError =>
    new DriverError('missing', `volume ${name}: nothing is staged; nothing was changed by this attempt`);
  const onlyUnused = (target: VolumeTarget): void => {
    const running = [...world.containers]
      .filter(([, c]) => isUp(c) && c.volumes.includes(target.volume))
      .map(([name]) => name);
    if (running.length > 0)
      throw new DriverError('conflict', `volume ${target.volume}: ${running.join(', ')} still run on it`);
  };
  const bytes = async function* (tree: Tree): AsyncIterable<Uint8Array> {
    yield Buffer.from(JSON.stringify(tree));
  };

  return {
    observe,
    record: async (target, look) => ({ state: await observe(target, look), body: {} }),
    canStage: (target, _from, look) =>
      world.read('can-stage', target.volume, look.signal, () => ({ verdict: 'passed', reason: 'space enough' })),
    stage: async (target, _from, call, snapshot) => {
      if (snapshot === undefined) return { changed: false, note: 'kept' };
      const effects = tally(call);
      const chunks: Uint8Array[] = [];
      for await (const chunk of snapshot.read(target.id, call.signal)) chunks.push(chunk);
      const tree = JSON.parse(Buffer.concat(chunks).toString()) as Tree;
      await effects.effect({
        name: 'unpack',
        isDone: async () => volume(target).staged.has(call.run) || undefined,
        act: signal =>
          world.change('unpack', target.volume, signal, () => void volume(target).staged.set(call.run, tree)),
      });
      return effects.report(`staged ${tree.rows} rows`, 'already staged');
    },
    drop: async (target, call) => {
      const effects = tally(call);
      await effects.effect({
        name: 'drop',
        isDone: async () => !volume(target).staged.has(call.run) || undefined,
        act: signal => world.change('drop', target.volume, signal, () => void volume(target).staged.delete(call.run)),
      });
      return effects.report('dropped', 'nothing was staged');
    },
    commits: 'stopped',
    swapIn: async (target, call) => {
      if (!liesBeside(target, call.run)) throw nothingStaged(target);
      const effects = tally(call);
      await effects.effect({
        name: 'swap',
        isDone: async () => volume(target).outgoing.has(call.run) || undefined,
        act: signal =>
          world.change('swap', target.volume, signal, () => {
            onlyUnused(target);
            const v = volume(target);
            const staged = v.staged.get(call.run);
            if (staged === undefined) throw nothingStaged(target);
            v.outgoing.set(call.run, v.live);
            v.live = staged;
            v.staged.delete(call.run);
          }),
      });
      return effects.report('swapped in', 'already swapped in');
    },
    swapBack: async (target, call) => {
      if (!liesBeside(target, call.run)) return { changed: false, note: 'was not swapped', nothingBeside: true };
      const effects = tally(call);
      await effects.effect({
        name: 'swap-back',
        isDone: async () => volume(target).staged.has(call.run) || undefined,
        act: signal =>
          world.change('swap-back', target.volume, signal, () => {
            onlyUnused(target);
            const v = volume(target);
            const outgoing = v.outgoing.get(call.run);
            if (outgoing === undefined) return;
            v.staged.set(call.run, v.live);
            v.live = outgoing;
            v.outgoing.delete(call.run);
          }),
      });
      return effects.report('swapped back', 'was not swapped');
    },
    settle: async (target, call) => {
      const effects = tally(call);
      await effects.effect({
        name: 'settle',
        isDone: async () => !volume(target).outgoing.has(call.run) || undefined,
        act: signal =>
          world.change('settle', target.volume, signal, () => void volume(target).outgoing.delete(call.run)),
      });
      return effects.report('settled', 'nothing was kept');
    },
    capture: async (target, look, to) => {
      onlyUnused(target);
      const tree = await world.read('capture', target.volume, look.signal, () => volume(target).live);
      await to.write(target.id, bytes(tree), {
        signal: look.signal,
        progress: rawBytes => look.progress({ current: target.volume, done: rawBytes }),
      });
    },
    exportOutgoing: async (target, of, look, to) => {
      const tree = await world.read('export', target.volume, look.signal, () => volume(target).outgoing.get(of));
      if (tree === undefined)
        throw new DriverError('missing', `volume ${target.volume}: run ${of} kept nothing beside it`);
      await to.write(target.id, bytes(tree), { signal: look.signal, progress: () => undefined });
    },
    size: (target, look, outgoingOf) =>
      world.read('size', target.volume, look.signal, () => {
        const { live, outgoing } = volume(target);
        return JSON.stringify(outgoingOf === undefined ? live : (outgoing.get(outgoingOf) ?? '')).length;
      }),
    countRows: (target, _count, look) =>
      world.read('count', target.volume, look.signal, () => {
        const stores = [...world.containers].filter(([, c]) => c.volumes.includes(target.volume));
        if (stores.length > 0 && stores.every(([, c]) => c.activity !== 'running'))
          throw new DriverError('conflict', `volume ${target.volume}: no store runs on it that could be asked`);
        const { live, uncountable } = volume(target);
        if (uncountable) throw new DriverError('missing', `volume ${target.volume}: what is counted is not there`);
        return live.rows;
      }),
  };
}
