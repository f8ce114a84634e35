import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { reportOf } from '../../src/run/report.ts';
import { failed, STEPS, worstOf } from '../../src/run/step.ts';
import { after, began, ended, start, step } from './run-of-events.ts';

const FROZEN = [...start(), ...step('admit'), ...step('shut-gates'), { type: 'traffic', traffic: 'shut' } as const];

describe('progress', () => {
  it('counts its events, and forgets no step', () => {
    const p = after([...start(), ...STEPS.flatMap(name => step(name))]);
    assert.equal(p.events, 2 + STEPS.length * 2);
    assert.deepEqual(
      p.steps.map(one => one.step),
      [...STEPS],
    );
  });

  it('is frozen when the first gate is told to shut, and past the line when the first is told to open to the release', () => {
    const p = after(FROZEN);
    assert.ok(p.frozenAt);
    assert.equal(p.lineAt, undefined);
    const undoing = after([began('shut-gates', 'undo')], p);
    assert.equal(undoing.lineAt, undefined, 'opening to what was found is no line');
    const open = after([began('open-gates')], p);
    const line = open.lineAt;
    assert.ok(line);
    assert.equal(after([began('open-gates', 'forward', 2)], open).lineAt, line, 'there is one line');
  });

  it('is not past the line when the last look before it failed, and no gate was told to open', () => {
    const result = { ...failed('web: made again by somebody'), unopened: true as const };
    const ended = { type: 'step-ended', step: 'open-gates', direction: 'forward', round: 1, result } as const;
    assert.equal(after([began('open-gates'), ended], after(FROZEN)).lineAt, undefined);
  });

  it('says that traffic is open again only while it is', () => {
    const open = after([...step('open-gates'), { type: 'traffic', traffic: 'open' }], after(FROZEN));
    assert.ok(open.thawedAt);
    const shut = after([{ type: 'traffic', traffic: 'shut' }], open);
    assert.equal(shut.thawedAt, undefined);
    assert.equal(reportOf(shut).outageMs, undefined);
  });

  it('stays held through a pause and a resume, and through messages', () => {
    const held = after([{ type: 'held', reason: 'it is broken', notShut: [] }], after(FROZEN));
    const heard = { kind: 'pause', by: 'bob', reason: '', counted: true, why: '' } as const;
    const later = after(
      [
        { type: 'heard', message: heard },
        { type: 'resumed', by: 'bob' },
      ],
      held,
    );
    assert.equal(later.state, 'held');
    assert.equal(later.headline, held.headline);
  });

  it('names NOT SHUT first when a gate could not be shut', () => {
    const p = after([{ type: 'held', reason: 'it is broken', notShut: ['ingress'] }], after(FROZEN));
    assert.match(p.headline, /^NOT SHUT: ingress/);
  });

  it('is where the run stood that was taken over', () => {
    const p = after([...start(), began('admit'), { type: 'taken-over', begun: ['stage', 'shut-gates', 'open-gates'] }]);
    assert.ok(p.frozenAt);
    assert.ok(p.lineAt);
    const early = after([...start(), began('admit'), { type: 'taken-over', begun: ['stage'] }]);
    assert.equal(early.frozenAt, undefined);
  });

  it('keeps the newest of what is heard and told, so that a query stays small', () => {
    const heard = { kind: 'alert', by: 'x', reason: '', counted: true, why: '' } as const;
    const p = after([...start(), ...Array.from({ length: 200 }, () => ({ type: 'heard', message: heard }) as const)]);
    assert.equal(p.heard.length, 50);
  });

  it('takes the worst verdict of several, and none for nothing', () => {
    assert.equal(worstOf(['passed', 'foreign', 'failed']), 'failed');
    assert.equal(worstOf(['passed', 'inconclusive']), 'inconclusive');
    assert.equal(worstOf([]), 'inconclusive');
  });
});

describe('a report', () => {
  it('measures the outage from the freeze to the last opening', () => {
    const p = after(
      [
        ...step('open-gates'),
        { type: 'traffic', traffic: 'open' },
        { type: 'traffic', traffic: 'shut' },
        { type: 'traffic', traffic: 'open' },
        { type: 'closed', outcome: 'completed', headline: 'completed' },
      ],
      after(FROZEN),
    );
    const report = reportOf(p);
    assert.equal(report.outageMs, 7_000);
    assert.equal(report.outcome, 'completed');
  });

  it('says what to do next, from the step that failed', () => {
    const next = 'lastgood plan shop   # look again';
    const result = { verdict: 'failed' as const, reason: 'no', next, targets: [] };
    const p = after([
      ...start(),
      began('admit'),
      ended('admit', result),
      { type: 'closed', outcome: 'refused', headline: 'no' },
    ]);
    assert.deepEqual(reportOf(p).next, [next]);
  });

  it('adds the time of each phase, with its budget', () => {
    const p = after([...FROZEN, ...step('stop-tiers')]);
    assert.deepEqual(
      reportOf(p).phases.find(time => time.phase === 'stop'),
      { phase: 'stop', ms: 1_000, targetMs: 30_000, maxMs: 120_000 },
    );
  });
});
