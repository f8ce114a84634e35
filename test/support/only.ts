/** Of many cases those whose titles fit a pattern: `LASTGOOD_TEST_ONLY='reset in (admit|held)' node test/run.ts <file>`. Absent: all. */
export function only<T>(cases: readonly T[], titleOf: (one: T) => string): readonly T[] {
  const wanted = process.env['LASTGOOD_TEST_ONLY'];
  if (wanted === undefined) return cases;
  const chosen = cases.filter(one => new RegExp(wanted).test(titleOf(one)));
  if (chosen.length === 0) throw new Error(`LASTGOOD_TEST_ONLY=${wanted}: no case's title fits it`);
  return chosen;
}
