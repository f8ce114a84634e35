import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { type HearingFacts, judgeMessage, type MessageKind } from '../../src/policy/hearing.ts';

const KINDS: readonly MessageKind[] = [
  'confirm',
  'deny',
  'pause',
  'resume',
  'abort',
  'decide',
  'acknowledge',
  'alert',
  'cancel',
];
const RUNNING: HearingFacts = {
  hash: 'ab'.repeat(32),
  touched: false,
  hasOpened: false,
  undoing: false,
  held: false,
  paused: false,
  closed: false,
  aborted: false,
};
const said = { by: 'ada', reason: 'why', hash: 'abababab', decide: 'retry' };
const counted = (kind: MessageKind, facts: Partial<HearingFacts>, more: object = {}): boolean =>
  judgeMessage(kind, { ...said, ...more }, { ...RUNNING, ...facts }).counted;

describe('a message', () => {
  it('is heard without a throw, whatever it is, and never counts when nobody signed it', () => {
    fc.assert(
      fc.property(fc.constantFrom(...KINDS), fc.anything(), (kind, anything) => {
        const heard = judgeMessage(kind, anything, RUNNING);
        if (heard.by === 'unknown') assert.equal(heard.counted, false);
        assert.ok(heard.why.length > 0);
        assert.ok(heard.reason.length <= 500);
      }),
    );
  });

  it('reads no field that its sender did not own', () => {
    const inherited = Object.create({ by: 'ada', reason: 'no' }) as object;
    assert.equal(judgeMessage('abort', inherited, RUNNING).readable, false);
  });

  it('never counts once the run is closed', () => {
    for (const kind of KINDS) assert.equal(counted(kind, { closed: true, held: true, paused: true }), false, kind);
  });

  it('approves until the freeze, and denies until the freeze', () => {
    for (const kind of ['confirm', 'deny'] as const) {
      assert.equal(counted(kind, {}), true);
      assert.equal(counted(kind, { touched: true }), false);
    }
  });

  it('aborts until the line, once, and not an undo', () => {
    for (const kind of ['abort', 'cancel'] as const) {
      assert.equal(counted(kind, { touched: true }), true);
      assert.equal(counted(kind, { touched: true, hasOpened: true }), false);
      assert.equal(counted(kind, { touched: true, undoing: true }), false);
      assert.equal(counted(kind, { aborted: true }), false);
    }
  });

  it('answers only what is asked', () => {
    assert.equal(counted('decide', {}), false);
    assert.equal(counted('decide', { held: true }), true);
    assert.equal(counted('decide', { held: true, hasOpened: true }, { decide: 'revert' }), false);
    const nonsense = judgeMessage('decide', { by: 'ada', decide: 'explode' }, { ...RUNNING, held: true });
    assert.deepEqual([nonsense.readable, nonsense.counted], [false, false]);
  });

  it('resumes what is paused, and pauses what is not', () => {
    assert.deepEqual([counted('pause', {}), counted('pause', { paused: true })], [true, false]);
    assert.deepEqual([counted('resume', {}), counted('resume', { paused: true })], [false, true]);
  });

  it('pauses no undo, and says so', () => {
    const heard = judgeMessage('pause', said, { ...RUNNING, touched: true, undoing: true });
    assert.deepEqual([heard.counted, heard.why], [false, 'it is being undone, which goes on to its end']);
  });
});
