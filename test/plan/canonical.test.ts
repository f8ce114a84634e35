import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createContext, runInContext } from 'node:vm';
import fc from 'fast-check';
import { canonicalJson } from '../../src/plan/canonical.ts';

test('sorts keys at every depth and drops what is undefined', () => {
  assert.equal(canonicalJson({ b: [{ d: 1, c: null }], a: 'ü', z: undefined }), '{"a":"ü","b":[{"c":null,"d":1}]}');
});

test('is the same text for the same value, however its keys were put in', () => {
  const shuffle = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(shuffle);
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(
      Object.entries(value)
        .toReversed()
        .map(([key, member]) => [key, shuffle(member)]),
    );
  };
  fc.assert(
    fc.property(fc.jsonValue({ noUnicodeString: false }), value => {
      assert.equal(canonicalJson(shuffle(value)), canonicalJson(value));
      assert.deepEqual(JSON.parse(canonicalJson(value)), JSON.parse(JSON.stringify(value)));
    }),
  );
});

test('refuses what JSON would lose', () => {
  for (const lossy of [Number.NaN, Infinity, undefined, [undefined], () => 1, 1n, new Date(0), new Map([[1, 2]])]) {
    assert.throws(() => canonicalJson(lossy), /canonical JSON/);
  }
});

test('takes plain objects of another realm, as a sandbox makes them', () => {
  assert.equal(canonicalJson(runInContext('({ b: 1, a: [{}] })', createContext())), '{"a":[{}],"b":1}');
});
