declare const milliseconds: unique symbol;
/** The one duration type: whole milliseconds. */
export type Duration = number & { readonly [milliseconds]: true };

const UNITS = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;
const DURATION = /^(\d{1,9})(ms|s|m|h|d)$/;

export const ofMilliseconds = (count: number): Duration => Math.max(0, Math.round(count)) as Duration;
export const seconds = (count: number): Duration => ofMilliseconds(count * 1_000);
export const minutes = (count: number): Duration => ofMilliseconds(count * 60_000);

/** @throws Error unless `text` is a whole number and one unit, as `30s`, `15m`, `2h`. */
export function parseDuration(text: string): Duration {
  const match = DURATION.exec(text);
  if (match === null)
    throw new Error(`${JSON.stringify(text)}: expected a whole number and ms, s, m, h or d, as 30s or 15m`);
  return ofMilliseconds(Number(match[1]) * UNITS[match[2] as keyof typeof UNITS]);
}

/** `1h 5m`, `4m 10s`, `3.2s`, `180ms`: as a person says it, at most two units. */
export function formatDuration(duration: number): string {
  const ms = Math.max(0, Math.round(duration));
  if (ms < 1_000) return `${ms}ms`;
  if (ms < 10_000) return `${(ms / 1_000).toFixed(1)}s`;
  const total = Math.round(ms / 1_000);
  const [h, m, s] = [Math.floor(total / 3_600), Math.floor((total % 3_600) / 60), total % 60];
  if (h > 0) return m > 0 ? `${h}h ${m}m` : `${h}h`;
  if (m > 0) return s > 0 ? `${m}m ${s}s` : `${m}m`;
  return `${s}s`;
}
