import { BY_CASES } from './bugs-by-cases.ts';
import { BY_TESTS } from './bugs-by-tests.ts';
import type { CaseName } from './cases.ts';

/** One bug of our own making: a text in a file of ours, found exactly once, and what stands there instead. */
export interface Bug {
  readonly what: string;
  /** What the failure must say: another one, such as a server that is away, has not found it. */
  readonly by: RegExp;
  readonly file: string;
  readonly edits: readonly (readonly [text: string, instead: string])[];
  /** Who must find it: cases of the scripted world, or a test file of ours, with the names of its tests. */
  readonly cases?: readonly CaseName[];
  readonly test?: { readonly file: string; readonly names?: string };
}

export const BUGS: readonly Bug[] = [...BY_CASES, ...BY_TESTS];
