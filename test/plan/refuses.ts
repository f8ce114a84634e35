import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatFault } from '../../src/plan/faults.ts';
import { parsePlan } from '../../src/plan/parse.ts';

/** One test a row: the title, the text of a plan, and exactly the faults it has, as `line:column: path: message`. */
export function refuses(rows: readonly (readonly [title: string, text: string, ...faults: string[]])[]): void {
  for (const [title, text, ...faults] of rows) {
    test(`refuses ${title}`, () => {
      const parsed = parsePlan(text, 'plan.yaml');
      assert.ok('faults' in parsed, 'it parsed');
      assert.deepEqual(
        parsed.faults.map(formatFault),
        faults.map(fault => `plan.yaml:${fault}`),
      );
    });
  }
}
