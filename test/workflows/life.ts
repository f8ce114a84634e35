import type { World } from '../../src/drivers/scripted/world.ts';
import type { JournalFile } from '../../src/executor/journal-file.ts';

/** A worker process as seen by the world and the disk: once it is dead, nothing that it still does reaches either. */
export interface Life {
  dead: boolean;
}
export const beginLife = (): Life => ({ dead: false });

/** Never answers: whoever asks is dead, and does not notice. */
const silence = new Promise<never>(() => undefined);

/** The same world, as reached by one life. */
export function mortalWorld(world: World, life: Life): World {
  const mortal = Object.create(world) as World;
  // One count for all lives.
  mortal.nextId = () => world.nextId();
  mortal.read = async (call, target, signal, look) => {
    if (life.dead) return silence;
    const seen = await world
      .read(call, target, signal, look)
      .catch(error => (life.dead ? silence : Promise.reject(error)));
    return life.dead ? silence : seen;
  };
  mortal.alter = async (call, target, signal, act) => {
    if (life.dead) return silence;
    // It may have died while the world was about to do it.
    const alive = (): void => {
      if (life.dead) throw new Error('dead');
      act();
    };
    await world.alter(call, target, signal, alive).catch(error => (life.dead ? silence : Promise.reject(error)));
    if (life.dead) return silence;
  };
  return mortal;
}

export const mortalFile = (file: JournalFile, life: Life): JournalFile => ({
  read: () => (life.dead ? silence : file.read()),
  append: bytes => (life.dead ? silence : file.append(bytes)),
  cut: length => (life.dead ? silence : file.cut(length)),
});
