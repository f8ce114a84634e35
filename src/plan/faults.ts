/** Keys and list positions from the top of the file. */
export type Path = readonly (string | number)[];

/** One thing wrong, and what of it: the key itself, or its value. */
export interface Finding {
  readonly path: Path;
  readonly at: 'key' | 'value';
  /** `what is wrong, what was expected, did you mean …`. Never holds a secret. */
  readonly message: string;
}

export interface Fault {
  readonly file: string;
  /** From 1. Zero when there is no text to point at. */
  readonly line: number;
  /** From 1. */
  readonly column: number;
  /** `targets.redis.probes[0].port`; empty for the whole file. */
  readonly path: string;
  readonly message: string;
}

const PLAIN_KEY = /^[A-Za-z0-9_-]+$/;

/** `targets.redis.probes[0].json."/fee/enforced"`. */
export function formatPath(path: Path): string {
  let text = '';
  for (const part of path) {
    if (typeof part === 'number') text += `[${part}]`;
    else text += `${text === '' ? '' : '.'}${PLAIN_KEY.test(part) ? part : JSON.stringify(part)}`;
  }
  return text;
}

/** One line: `plan.yaml:12:5: targets.redis.probs: unknown key, expected one of …, did you mean probes?` */
export function formatFault(fault: Fault): string {
  const place = fault.line === 0 ? fault.file : `${fault.file}:${fault.line}:${fault.column}`;
  const path = fault.path === '' ? '' : `${fault.path}: `;
  return `${place}: ${path}${fault.message}`.replaceAll(/\p{Cc}+/gu, ' ');
}
