/** JSON with sorted keys, no blanks, and a newline at the end: equal values have equal bytes. */
export const canonicalJson = (value: unknown): string => `${JSON.stringify(sorted(value))}\n`;

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).filter(([, held]) => held !== undefined);
  entries.sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([key, held]) => [key, sorted(held)]));
}
