/**
 * JSON of one form only: keys sorted by code unit, no spaces, no undefined. Equal values give equal text, so its hash
 * names the value.
 * @throws Error on what JSON cannot say without loss: not a number, a function, an undefined in a list, a class's object
 */
export function canonicalJson(value: unknown): string {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return JSON.stringify(value);
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) throw new Error(`canonical JSON: ${value} is not a finite number`);
    return JSON.stringify(value);
  }
  if (Array.isArray(value)) return `[${Array.from(value, canonicalJson).join(',')}]`;
  if (typeof value !== 'object' || !isPlain(value)) {
    throw new Error(`canonical JSON: expected plain data, found ${typeof value}`);
  }
  const members = Object.entries(value)
    .filter(([, member]) => member !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, member]) => `${JSON.stringify(key)}:${canonicalJson(member)}`);
  return `{${members.join(',')}}`;
}

/** The same as a line of a file. */
export const canonicalLine = (value: unknown): string => `${canonicalJson(value)}\n`;

function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  // The workflow's sandbox has an Object of its own, so the prototype is known by having none above it.
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}
