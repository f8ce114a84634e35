/** Of many cases those whose titles hold a text: `LASTGOOD_TEST_ONLY='reset in stop-tiers' node test/run.ts <file>`. Absent: all. */
export function only<T>(cases: readonly T[], titleOf: (one: T) => string): readonly T[] {
  const wanted = process.env['LASTGOOD_TEST_ONLY'];
  if (wanted === undefined) return cases;
  const chosen = cases.filter(one => titleOf(one).includes(wanted));
  if (chosen.length === 0) throw new Error(`LASTGOOD_TEST_ONLY=${wanted}: no case has that in its title`);
  return chosen;
}
