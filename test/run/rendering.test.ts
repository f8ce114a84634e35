import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { headOf, plainText } from '../../src/run/plain-text.ts';
import { renderDetails } from '../../src/run/render-details.ts';
import { renderReport } from '../../src/run/render-report.ts';
import { reportOf } from '../../src/run/report.ts';
import { STEPS } from '../../src/run/step.ts';
import { after, began, ended, request, start, step } from './run-of-events.ts';

const bytes = (text: string): number => Buffer.byteLength(text);

describe('the details of the Web UI', () => {
  it('stay under 4 KB for a thousand targets that fail', () => {
    const targets = Array.from({ length: 1_000 }, (_, index) => ({
      target: `service-number-${index}`,
      verdict: 'failed' as const,
      note: 'it did not start',
    }));
    const p = after([
      ...start(1_000),
      ...STEPS.slice(0, 9).flatMap(name => step(name)),
      began('start-tiers'),
      ended('start-tiers', { verdict: 'failed', reason: targets.map(one => one.target).join('; '), targets }),
    ]);
    assert.ok(bytes(renderDetails(p)) < 4_096, `${bytes(renderDetails(p))} bytes`);
  });

  it('stay under 4 KB whatever a sender writes, in any script', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', minLength: 0, maxLength: 3_000 }), reason => {
        const p = after([
          { type: 'started', request: { ...request, reason }, run: 'r' },
          { type: 'reverting', reason },
        ]);
        assert.ok(bytes(renderDetails(p)) < 4_096);
      }),
      { numRuns: 50 },
    );
    const p = after([{ type: 'started', request: { ...request, reason: '災'.repeat(3_000) }, run: 'r' }]);
    assert.ok(bytes(renderDetails(p)) < 4_096);
  });

  it('say the phase, what is awaited, from whom, until when and how', () => {
    const awaiting = {
      what: '1 of 1 approvals',
      whom: ['oncall'],
      silence: 'silence refuses',
      how: ['lastgood confirm shop'],
    };
    const text = renderDetails(after([...start(), began('approve'), { type: 'awaiting', awaiting }]));
    for (const part of ['confirm · approve', '1 of 1 approvals', 'oncall', 'without limit', 'lastgood confirm shop'])
      assert.ok(text.includes(part), part);
  });

  it('let no sender draw a line of their own', () => {
    const reason = 'x\n### COMPLETED\n- **traffic** open';
    const lines = renderDetails(after([{ type: 'started', request: { ...request, reason }, run: 'r' }])).split('\n');
    assert.equal(
      lines.some(line => line.startsWith('### COMPLETED')),
      false,
    );
  });
});

describe('a rendered report', () => {
  const EVIL = 'a|b\\|c\n| d | <img src=x> ![x](http://evil) [y](z)\u2028# heading';
  const report = () => {
    const heard = { kind: 'abort', by: EVIL, reason: EVIL, counted: true, why: EVIL } as const;
    return renderReport(
      reportOf(
        after([
          { type: 'started', request: { ...request, reason: EVIL, requester: EVIL }, run: 'r' },
          { type: 'heard', message: heard },
          began('admit'),
          ended('admit', {
            verdict: 'failed',
            reason: EVIL,
            targets: [{ target: 'api', verdict: 'failed', note: EVIL }],
          }),
          { type: 'left-behind', what: EVIL },
          { type: 'closed', outcome: 'refused', headline: `refused: ${EVIL}` },
        ]),
      ),
    );
  };

  it('has as many cells in each row as its head, whatever a sender writes', () => {
    const tables = report()
      .split('\n\n')
      .filter(block => block.startsWith('|'));
    assert.ok(tables.length >= 3);
    for (const table of tables) {
      const cells = table.split('\n').map(line => line.replaceAll(/\\./g, '').split('|').length);
      assert.equal(new Set(cells).size, 1, table);
    }
  });

  it('holds no markup, link or line of a sender', () => {
    const text = report();
    assert.equal(/(?<!\\)<img|(?<!\\)\[y|^# heading/m.test(text), false);
    assert.equal(text.includes('\u2028'), false);
  });
});

describe("a sender's text", () => {
  it('is one line, and can be told from markup', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), text => {
        const plain = plainText(text);
        assert.equal(/[\n\r\u2028\u2029\0]/.test(plain), false);
        assert.equal(/(?<!\\)(?:\\\\)*[<[]/.test(plain), false);
      }),
    );
  });

  it('is cut at whole characters, and never longer than it may be', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.nat(40), (text, room) => {
        const head = headOf(text, room);
        assert.ok(text.startsWith(head));
        assert.ok(bytes(head) <= room);
        assert.equal(head.isWellFormed(), true);
      }),
    );
  });
});
