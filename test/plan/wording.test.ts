import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { formatFault } from '../../src/plan/faults.ts';
import { isName } from '../../src/plan/ids.ts';
import { editDistance, findNearest } from '../../src/plan/nearest.ts';
import { name } from '../../src/plan/schema/words.ts';

test('finds what was meant, and nothing when nothing is near', () => {
  assert.equal(findNearest('probs', ['port', 'probes', 'stop']), 'probes');
  assert.equal(findNearest('ngnix', ['redis', 'nginx']), 'nginx');
  assert.equal(findNearest('postgres', ['redis', 'nginx']), undefined);
  assert.equal(findNearest('x', []), undefined);
});

test('counts swapped neighbours as one edit', () => {
  assert.deepEqual([editDistance('ngnix', 'nginx'), editDistance('', 'abc'), editDistance('same', 'same')], [1, 3, 0]);
  fc.assert(fc.property(fc.string(), fc.string(), (a, b) => assert.equal(editDistance(a, b), editDistance(b, a))));
});

test('puts a fault on one line, whatever its parts hold', () => {
  const fault = { file: 'a\nb', line: 1, column: 2, path: 'x', message: 'y\u001b[2J\nz' };
  assert.equal(formatFault(fault), 'a b:1:2: x: y [2J z');
  assert.equal(formatFault({ ...fault, file: 'request', line: 0, path: '' }), 'request: y [2J z');
});

test('the schema takes the same names as the ids', () => {
  const alphabet = fc.constantFrom('a', 'Z', '0', '.', '_', '-', ' ', 'é');
  fc.assert(
    fc.property(fc.string({ unit: alphabet, maxLength: 66 }), text => {
      assert.equal(name.safeParse(text).success, isName(text));
    }),
  );
});
