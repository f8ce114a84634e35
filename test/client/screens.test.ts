import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { widthOf } from '../../src/client/cli/view/paint.ts';
import { drawScreen, type Scene } from '../../src/client/cli/view/screen.ts';
import * as scenes from './scenes.ts';

/** `LASTGOOD_TEST_GOLDEN=write` writes the screens anew; look at the difference before it is committed. */
const GOLDEN = join(import.meta.dirname, 'golden');
const writing = process.env['LASTGOOD_TEST_GOLDEN'] === 'write';

const away = (story: scenes.Story): Scene => ({
  progress: story.progress,
  now: story.now,
  silent: {
    who: 'worker',
    since: story.now - 12_000,
    pending: [
      {
        activity: 'stopTier',
        state: 'started',
        attempt: 2,
        worker: 'lastgood@main',
        heartbeatAt: story.now - 8_000,
        heartbeat: { done: 2, total: 3, current: 'ott-api' },
      },
    ],
  },
});
/** Its engine does not answer: the step stands still, and what it waits for is tried again. */
const trying = (story: scenes.Story): Scene => ({
  progress: story.progress,
  now: story.now,
  trying: [
    {
      activity: 'stopTier',
      state: 'scheduled',
      attempt: 4,
      worker: 'lastgood@main',
      lastFailure: 'ott-api: engine unix:///var/run/docker.sock: inspect ott-api: no answer (ECONNREFUSED)',
    },
  ],
});
const of = (story: scenes.Story): Scene => ({ progress: story.progress, now: story.now });

const SCREENS: Readonly<Record<string, Scene>> = {
  admitting: of(scenes.takingStock()),
  'waiting-for-approval': of(scenes.waiting()),
  freeze: of(scenes.frozen()),
  'stopping-a-tier': of(scenes.stopping()),
  'mid-restore': of(scenes.restoring()),
  'mid-restore-losing-rows': of(scenes.restoring(scenes.losing)),
  'verifying-past-target': of(scenes.verifying()),
  paused: of(scenes.paused()),
  held: of(scenes.held()),
  'not-shut': of(scenes.notShut()),
  reverting: of(scenes.swappingBack()),
  'engine-away': trying(scenes.stopping()),
  'worker-away': away(scenes.stopping()),
  completed: of(scenes.completed()),
  'completed-losing-rows': of(scenes.completedLosing()),
  reverted: of(scenes.reverted()),
  refused: of(scenes.refused()),
  denied: of(scenes.denied()),
  'handed-over': of(scenes.handedOver()),
};

describe('the screen of a run at 80 columns', () => {
  for (const [name, scene] of Object.entries(SCREENS)) {
    for (const colour of [false, true]) {
      it(`${name}, ${colour ? 'with' : 'without'} colour, is as it was approved`, () => {
        const lines = drawScreen(scene, { width: 80, colour, leaving: true });
        for (const line of lines) assert.ok(widthOf(line) <= 80, `${widthOf(line)} columns: ${line}`);
        const text = `${lines.join('\n')}\n`;
        if (!colour) assert.doesNotMatch(text, /\p{Cc}(?<!\n)/u);
        const file = join(GOLDEN, `${name}.${colour ? 'ansi' : 'txt'}`);
        if (writing) {
          mkdirSync(GOLDEN, { recursive: true });
          writeFileSync(file, text);
        }
        assert.equal(text, readFileSync(file, 'utf8'));
      });
    }
  }

  it('says NOT SHUT and names the gate before anything else of a held run', () => {
    const lines = drawScreen(SCREENS['not-shut']!, { width: 80, colour: false });
    const traffic = lines.findIndex(line => line.includes('TRAFFIC NOT SHUT]  ingress'));
    assert.ok(traffic > 0 && traffic < 5, lines.join('\n'));
  });

  it('fits a terminal of 24 lines in every state, and still names what is awaited and how to answer', () => {
    for (const [name, scene] of Object.entries(SCREENS)) {
      const lines = drawScreen(scene, { width: 80, height: 23, colour: false, leaving: true });
      assert.ok(lines.length <= 23, `${name}: ${lines.length} lines`);
      for (const command of scene.progress.awaiting?.how ?? []) {
        assert.ok(
          lines.some(line => line.includes(command)),
          `${name} lost ${command}`,
        );
      }
    }
  });
});
