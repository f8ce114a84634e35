import { canonicalJson } from '../../plan/canonical.ts';

export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };
export type JsonObject = { readonly [key: string]: Json };

/** An engine's answer as plain JSON: nothing said is null. */
export const asJson = (value: unknown): Json => (value === undefined ? null : JSON.parse(JSON.stringify(value)));

export const sameJson = (a: unknown, b: unknown): boolean => canonicalJson(asJson(a)) === canonicalJson(asJson(b));

/** In an order of its own, for lists whose order says nothing. */
export const sorted = (list: readonly Json[]): Json[] =>
  [...list].sort((a, b) => (canonicalJson(a) < canonicalJson(b) ? -1 : 1));

/** Nothing was said: null, an empty text, list or object, false, zero. */
export const isEmpty = (value: Json | undefined): boolean =>
  value === undefined ||
  value === null ||
  value === '' ||
  value === false ||
  value === 0 ||
  (typeof value === 'object' && Object.keys(value).length === 0);
