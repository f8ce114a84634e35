import assert from 'node:assert/strict';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe } from 'node:test';
import type { FilesTarget } from '../../../src/plan/plan.ts';
import { capabilitySuite } from '../../contracts/capabilities.ts';
import { observableSuite } from '../../contracts/observable.ts';
import { plainLook } from '../../contracts/plain-call.ts';
import { restorableSuite } from '../../contracts/restorable.ts';
import type { World } from '../../contracts/world.ts';
import { build, driver, shapes } from './file-targets.ts';

const directory = await mkdtemp(join(tmpdir(), 'lastgood-files-test-'));
after(() => rm(directory, { recursive: true, force: true }));

let made = 0;
const worldOf = (shape: string): World<FilesTarget> => ({
  kind: 'files',
  driver,
  elsewhere: [],
  // The mode of a link is nobody's choice.
  without: ['makeLost', 'remakeLive', 'retain', ...(shape === 'a link' ? (['changeSetting'] as const) : [])],
  async makeScene() {
    made += 1;
    const { target, recorded, before, digest } = await build(join(directory, String(made)), shape);
    return {
      target,
      release: recorded,
      async seen() {
        if ((await digest()) === before) return 'A';
        assert.equal((await driver.observe(target, plainLook())).version, recorded.state.version);
        return 'B';
      },
      removeLive: () => rm(target.path, { recursive: true }),
      changeSetting: () => chmod(target.path, 0o750),
    };
  },
});

for (const shape of Object.keys(shapes)) {
  const world = worldOf(shape);
  describe(`${shape}: what the table of kinds says`, () => capabilitySuite(() => world));
  describe(`${shape}: observed and recorded`, () => observableSuite(() => world));
  describe(`${shape}: staged, swapped, settled`, () => restorableSuite(() => world));
}
