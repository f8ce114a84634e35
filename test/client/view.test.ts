import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { drawBar } from '../../src/client/cli/view/bar.ts';
import { newsOf } from '../../src/client/cli/view/news.ts';
import { clip, plain, widthOf, wrap } from '../../src/client/cli/view/paint.ts';
import { drawPlan } from '../../src/client/cli/view/plan-page.ts';
import { drawScreen } from '../../src/client/cli/view/screen.ts';
import { failed, passed } from '../../src/run/step.ts';
import * as scenes from './scenes.ts';

/** Anything that a plan, an engine or a sender may have written. */
const words = fc.string({ unit: 'binary', maxLength: 300 });

describe('the view', () => {
  it('never draws a line wider than the paper nor a control character, whatever others wrote', () => {
    fc.assert(
      fc.property(words, words, words, fc.integer({ min: 60, max: 140 }), (reason, by, note, width) => {
        const story = scenes.failing();
        story.event({ type: 'reverting', reason });
        story.event({ type: 'held', reason, notShut: [note] });
        story.event({ type: 'awaiting', awaiting: { what: reason, whom: [by], silence: note, how: [note] } });
        const held = drawScreen({ progress: story.progress, now: story.now }, { width, colour: false });
        story.event({ type: 'left-behind', what: note }).close('held', reason);
        const closed = drawScreen({ progress: story.progress, now: story.now }, { width, colour: false });
        for (const line of [...held, ...closed]) {
          assert.doesNotMatch(line, /[\p{Cc}\p{Cf}]/u);
          // A command is never broken, for it is there to be copied.
          if (!line.includes(plain(note)) && !line.includes('lastgood'))
            assert.ok(widthOf(line) <= width, `${widthOf(line)}: ${line}`);
        }
      }),
    );
  });

  it('keeps every word of a wrapped text', () => {
    fc.assert(
      fc.property(words, fc.integer({ min: 1, max: 100 }), (text, width) => {
        const lines = wrap(text, width);
        assert.ok(lines.every(line => [...line].length <= width));
        assert.equal(lines.join('').replaceAll(' ', ''), plain(text).replaceAll(' ', ''));
      }),
    );
  });

  it('takes the escapes out of what others wrote', () => {
    assert.equal(plain('ok\u001b[2J\u0007\r\n\u202egone'), 'ok [2J gone');
    assert.equal(clip('abcdef', 4), 'abc…');
  });

  it('draws a bar that is full only at the maximum and has its tick at the target', () => {
    assert.equal(drawBar(0, 10, 20, 10), '░░░░░┃░░░░');
    assert.equal(drawBar(1, 10, 20, 10), '█░░░░┃░░░░');
    assert.equal(drawBar(20, 10, 20, 10), '█████┃████');
    assert.equal(drawBar(99, 10, 20, 10), '█████┃████');
    fc.assert(
      fc.property(fc.nat(), fc.nat(), fc.nat(), (ms, target, max) => {
        const bar = drawBar(ms, target, max);
        assert.equal([...bar].length, 14);
        assert.equal([...bar].filter(cell => cell === '┃').length, 1);
      }),
    );
  });

  it('tells each thing once in lines, though steps began and ended between two looks', () => {
    const before = scenes.staged().progress;
    const story = scenes.stopping();
    const lines = newsOf(before, story.progress);
    assert.deepEqual(lines, [
      'approve passed in 40ms: 0 of 0 approvals',
      'recheck passed in 300ms: nothing moved',
      'shut-gates passed in 1.1s: ingress is shut',
      'capture-live passed in 20ms: done',
      'stop-tiers …',
      '  stop streaming · 3 services',
      'TRAFFIC SHUT',
    ]);
    assert.deepEqual(newsOf(story.progress, story.progress), []);
  });

  it('names the gate that could not be shut in lines too', () => {
    const lines = newsOf(scenes.frozen().progress, scenes.notShut().progress);
    assert.ok(lines.includes('TRAFFIC NOT SHUT: ingress'), lines.join('\n'));
    assert.ok(lines.includes('  lastgood decide n3xus retry --reason "why"'), lines.join('\n'));
  });
});

describe('the page of a plan', () => {
  const page = {
    outline: scenes.outline,
    result: passed('3 of 5 targets change'),
    full: false,
    next: 'lastgood run n3xus',
  };
  const draw = (change: object): string =>
    drawPlan({ ...page, ...change }, { paint: (_style, text) => text, width: 80 }).join('\n');

  it('shows now and release by tier, counts what is unchanged, and says that nothing has been changed', () => {
    const text = draw({});
    assert.match(text, /foundation {2}1 unchanged\n {4}~ auth-service {2}2025\.12\.0 -> 2025\.11\.3\n/);
    assert.match(text, /= postgres-data {2}data kept \(1\.2 GiB\)/);
    assert.match(text, /kept: no acknowledged row is lost/);
    assert.match(text, /run hash {4}3f9a12bc44de\n\n {2}Nothing has been changed\.\n {2}next {8}lastgood run n3xus/);
    assert.doesNotMatch(text, /redis/);
    assert.match(draw({ full: true }), /redis +7\.0\.15/);
  });

  it('shows the arithmetic of a loss, and that a loss above the ceiling would be refused', () => {
    assert.match(draw({ outline: scenes.losing }), /120 rows would be lost as of now; 200 are accepted\n/);
    assert.match(
      draw({ outline: scenes.losing }),
      /postgres-data: 1200 now - 1080 in the snapshot of 2026-11-21\s+02:55:10 UTC = 120/,
    );
    assert.match(
      draw({ outline: { ...scenes.losing, lossCeiling: 5 } }),
      /the run would\s+be refused without --accept-loss 120/,
    );
  });

  it('never hides what was found beside the plan', () => {
    const result = {
      ...failed(''),
      targets: [{ target: 'redis', verdict: 'foreign' as const, note: 'settings changed by hand' }],
    };
    assert.match(draw({ result }), /foreign {5}redis: settings changed by hand/);
  });
});
