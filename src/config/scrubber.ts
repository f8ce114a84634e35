/** Below this a value is no secret, and taking it out would leave no text readable. */
const SHORTEST = 4;
const IN_ITS_PLACE = '[secret]';

/** Knows every secret that was resolved, and clears texts of them. */
export interface Scrubber {
  /** Of 4 characters or more. */
  remember(value: string): void;
  /** The text without any of them: plain, or as JSON, a URL or base64 would write them. */
  scrub(text: string): string;
}

/** One per process: secrets are remembered as they are resolved, before anybody can tell them. */
export function createScrubber(): Scrubber {
  const values = new Set<string>();
  let longestFirst: string[] = [];
  return {
    remember(value) {
      for (const part of [value, value.trim()]) {
        if (part.length < SHORTEST) continue;
        const base64 = Buffer.from(part, 'utf8').toString('base64');
        for (const form of [
          part,
          JSON.stringify(part).slice(1, -1),
          encodeURIComponent(part),
          base64,
          base64.replace(/=+$/, ''),
        ]) {
          values.add(form);
        }
      }
      longestFirst = [...values].sort((a, b) => b.length - a.length);
    },
    scrub: text => longestFirst.reduce((left, value) => left.replaceAll(value, IN_ITS_PLACE), text),
  };
}

/** The same value with every text in it scrubbed, names too. */
export function scrubDeep(value: unknown, scrub: (text: string) => string): unknown {
  if (typeof value === 'string') return scrub(value);
  if (Array.isArray(value)) return value.map(item => scrubDeep(item, scrub));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [scrub(key), scrubDeep(item, scrub)]));
}
