import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { escalated, held } from '../../src/notify/messages.ts';
import { bytesOf, countChanges, noteLines, oneLine, platformStands, sumLosses } from '../../src/notify/wording.ts';
import type { TargetId } from '../../src/plan/ids.ts';
import { about, awaitingDecision, change, failed, notShut, shut, untouched } from './facts.ts';

test('bytes are counted as UTF-8 counts them', () => {
  fc.assert(fc.property(fc.string({ unit: 'grapheme' }), text => bytesOf(text) === Buffer.byteLength(text)));
});

test('whatever is told, a message stays in its bounds, says NOT SHUT first and keeps what answers it', () => {
  const text = fc.string({ unit: 'grapheme', maxLength: 3_000 });
  const note = fc.record({ target: text, verdict: fc.constantFrom('failed' as const, 'foreign' as const), note: text });
  fc.assert(
    fc.property(text, fc.array(note, { maxLength: 60 }), (reason, targets) => {
      const result = { ...failed.result, reason, next: reason, targets };
      const first = held(about, { failed: { ...failed, result }, standing: notShut, awaiting: awaitingDecision });
      const last = escalated(about, first, { level: 1, levels: 2, within: 60_000 });
      for (const message of [first, last]) {
        assert.ok(Buffer.byteLength(message.text) < 4_096);
        assert.ok(!message.title.includes('\n') && message.title.startsWith('NOT SHUT: ingress'));
        assert.ok(message.text.startsWith('NOT SHUT: ingress'));
        assert.ok(
          message.text.includes('- awaited: a decision') && message.text.includes('lastgood decide n3xus retry'),
        );
      }
      assert.ok(last.text.endsWith('`lastgood acknowledge n3xus`'));
      assert.equal(last.title, first.title);
    }),
    { numRuns: 60 },
  );
});

test('a text that is cut says so', () => {
  const targets = Array.from({ length: 400 }, (_, index) => ({
    target: `t${index}`,
    verdict: 'failed' as const,
    note: 'x'.repeat(900),
  }));
  const result = { ...failed.result, reason: 'y'.repeat(9_000), targets };
  const how = Array.from({ length: 9 }, (_, index) => `lastgood decide n3xus ${index} ${'z'.repeat(200)}`);
  const { text } = held(about, {
    failed: { ...failed, result },
    standing: shut,
    awaiting: { ...awaitingDecision, how },
  });
  assert.match(text, /and 390 more|shortened: the report has all of it/);
  assert.ok(Buffer.byteLength(text) <= 4_000);
});

test('how the platform stands is said for each case, and a gate that is not shut is named', () => {
  const stand = (changes: object): string => platformStands({ ...shut, ...changes }, 'v1');
  assert.equal(platformStands(untouched, 'v1'), 'not changed; traffic is open');
  assert.equal(stand({ swapped: false }), 'frozen, nothing swapped: it holds what it held; traffic is shut');
  assert.equal(
    stand({ traffic: 'unknown' }),
    'changed: targets were swapped to v1; whether traffic is shut could not be observed',
  );
  assert.equal(stand({ traffic: 'not-shut' }), 'changed: targets were swapped to v1; traffic is NOT SHUT');
  assert.equal(stand({ notShut: ['a', 'b'] }), 'changed: targets were swapped to v1; traffic is NOT SHUT: a, b');
});

test('nothing to tell is said, and never left out', () => {
  assert.equal(countChanges([]), 'nothing to change');
  assert.equal(countChanges([change('a', 'files', 'kept')]), '1 kept');
  assert.equal(sumLosses([], 5), 'no data is replaced, no row is lost');
  const one = { store: 'db' as TargetId, rowsNow: 5, rowsThen: 4, lost: 1, since: '2025-12-25T02:00:00.000Z' };
  assert.equal(sumLosses([one], 5), '1 row lost, at most 5 accepted: db 5 - 4 = 1 (since 2025-12-25 02:00:00 UTC)');
  assert.deepEqual(noteLines([{ target: 'a', verdict: 'passed', note: 'fine' }]), []);
  assert.equal(oneLine('  a\r\n\tb  '), 'a b');
});
