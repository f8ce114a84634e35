import assert from 'node:assert/strict';
import { DriverError, type DriverErrorKind } from '../../src/drivers/errors.ts';

/** Fails unless `doing` throws a DriverError of this kind whose message says all of `words`. */
export async function rejectsAs(kind: DriverErrorKind, doing: Promise<unknown>, ...words: string[]): Promise<void> {
  const failure = await doing.then(
    answer => assert.fail(`expected DriverError ${kind}, got an answer: ${JSON.stringify(answer)}`),
    error => error as unknown,
  );
  assert.ok(failure instanceof DriverError, `expected DriverError ${kind}, got ${failure}`);
  assert.equal(failure.kind, kind, failure.message);
  for (const word of words)
    assert.ok(failure.message.includes(word), `${JSON.stringify(failure.message)} lacks ${word}`);
}
