import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { formatFault } from '../../src/plan/faults.ts';
import { parseRollbackRequest } from '../../src/plan/schema/request.ts';

const LEAST = { platform: 'n3xus', reason: 'fee not charged', requester: 'ada' };
const faultsOf = (value: unknown): readonly string[] => {
  const parsed = parseRollbackRequest(value);
  return 'faults' in parsed ? parsed.faults.map(formatFault) : [];
};

test('takes a whole request as it is', () => {
  const whole = {
    ...LEAST,
    release: 'before:0a1b2c3d4e',
    data: { 'ledger-data': 'restore' },
    lossCeiling: 12,
    severity: 'P0',
    mode: 'emergency',
    expect: 'a'.repeat(64),
    takeOver: '0199b1a2-77f1-7c3e-9b1e-0a1b2c3d4e5f',
  };
  assert.deepEqual(parseRollbackRequest(whole), { request: whole });
});

test('gives severity P2 and mode manual, and nothing else that was not said', () => {
  assert.deepEqual(parseRollbackRequest(LEAST), { request: { ...LEAST, severity: 'P2', mode: 'manual' } });
});

test('refuses what is missing, wrong or unknown, all at once, each on one line', () => {
  const bad = {
    platform: 'N3XUS',
    severty: 'P1',
    severity: 'P4',
    data: { 'ledger-data': 'drop' },
    lossCeiling: -1,
    reason: ' ',
    expect: 'abcd123',
  };
  assert.deepEqual(faultsOf(bad).toSorted(), [
    'request: data.ledger-data: "drop", expected one of keep, restore',
    'request: expect: "abcd123", expected a run hash, its first 8 hex digits or more',
    'request: lossCeiling: -1, expected a number of rows, 0 to 9007199254740991',
    'request: platform: "N3XUS", expected 1 to 63 of a-z 0-9 . _ -, a letter or digit at both ends',
    'request: reason: " ", expected a reason, 1 to 1000 characters',
    'request: requester: missing, expected who asks, 1 to 200 characters',
    'request: severity: "P4", expected one of P0, P1, P2, P3, did you mean P0?',
    'request: severty: unknown key, expected one of platform, release, data, lossCeiling, severity, mode, reason, requester, expect, takeOver, did you mean severity?',
  ]);
});

test('refuses a reason that would paint on a terminal', () => {
  assert.equal(faultsOf({ ...LEAST, reason: 'calm\u001b[2J' }).length, 1);
  assert.deepEqual(faultsOf({ ...LEAST, reason: 'two\nlines' }), []);
});

test('never throws, whatever is sent', () => {
  fc.assert(
    fc.property(fc.anything(), value => {
      for (const line of faultsOf(value)) assert.doesNotMatch(line, /\n/);
    }),
  );
});
