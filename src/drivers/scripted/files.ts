import { createHash } from 'node:crypto';
import type { FilesTarget } from '../../plan/plan.ts';
import type { Driver } from '../contract.ts';
import { DriverError } from '../errors.ts';
import { tally } from '../tally.ts';
import type { World } from './world.ts';

/** A file's content may be secret: only its digest is told. */
export const digestOf = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 16);

/** Configuration of the scripted world: a path and one text. */
export function createScriptedFiles(world: World): Driver<FilesTarget> {
  const at = (target: FilesTarget) => {
    const file = world.files.get(target.path);
    if (file === undefined) throw new DriverError('missing', `${target.path}: it is not there`);
    return file;
  };
  const observe: Driver<FilesTarget>['observe'] = (target, look) =>
    world.read('observe', target.path, look.signal, () => ({
      target: target.id,
      identity: target.path,
      version: digestOf(at(target).live),
      settings: '0644',
      activity: 'none',
      label: digestOf(at(target).live),
    }));
  const effect = (call: string, target: FilesTarget, done: () => boolean, act: () => void) => ({
    name: call,
    isDone: async () => done() || undefined,
    act: (signal: AbortSignal) => world.change(call, target.path, signal, act),
  });

  return {
    observe,
    record: async (target, look) => ({ state: await observe(target, look), body: { text: at(target).live } }),
    canStage: async () => ({ verdict: 'passed', reason: 'same device' }),
    stage: async (target, from, call) => {
      const { text } = from.body as { text: string };
      const effects = tally(call);
      await effects.effect(
        effect(
          'stage-file',
          target,
          () => at(target).staged.has(call.run),
          () => void at(target).staged.set(call.run, text),
        ),
      );
      return effects.report('staged', 'already staged');
    },
    drop: async (target, call) => {
      const effects = tally(call);
      await effects.effect(
        effect(
          'drop-file',
          target,
          () => !at(target).staged.has(call.run),
          () => void at(target).staged.delete(call.run),
        ),
      );
      return effects.report('dropped', 'nothing was staged');
    },
    commits: 'stopped',
    swapIn: async (target, call) => {
      const effects = tally(call);
      const act = (): void => {
        const file = at(target);
        const staged = file.staged.get(call.run);
        if (staged === undefined) throw new DriverError('refused', `${target.path}: nothing is staged`);
        file.outgoing.set(call.run, file.live);
        file.live = staged;
        file.staged.delete(call.run);
      };
      await effects.effect(effect('swap-file', target, () => at(target).outgoing.has(call.run), act));
      return effects.report('swapped in', 'already swapped in');
    },
    swapBack: async (target, call) => {
      const { outgoing, staged } = at(target);
      if (!outgoing.has(call.run) && !staged.has(call.run)) return { changed: false, note: 'was not swapped' };
      const effects = tally(call);
      const act = (): void => {
        const file = at(target);
        const outgoing = file.outgoing.get(call.run);
        if (outgoing === undefined) throw new DriverError('missing', `${target.path}: nothing was set aside`);
        file.staged.set(call.run, file.live);
        file.live = outgoing;
        file.outgoing.delete(call.run);
      };
      await effects.effect(effect('swap-file-back', target, () => at(target).staged.has(call.run), act));
      return effects.report('swapped back', 'was not swapped');
    },
    mustBeRecorded: (target, of, recorded, look) =>
      world.read('look-aside', target.path, look.signal, () => {
        const outgoing = at(target).outgoing.get(of);
        if (outgoing === undefined || outgoing === (recorded.body as { text: string }).text) return;
        throw new DriverError('refused', `${target.path}: what was set aside was changed by somebody, and is kept`, {
          next: 'take what you need of it, then remove it',
        });
      }),
    settle: async (target, call) => {
      const effects = tally(call);
      await effects.effect(
        effect(
          'settle-file',
          target,
          () => !at(target).outgoing.has(call.run),
          () => void at(target).outgoing.delete(call.run),
        ),
      );
      return effects.report('settled', 'nothing was kept');
    },
  };
}
