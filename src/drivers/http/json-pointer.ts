import type { JsonScalar } from '../../plan/plan.ts';
import { failed, passed } from '../attempt.ts';
import type { Evidence } from '../contract.ts';

/**
 * The value at a JSON pointer (RFC 6901), wrapped; undefined when nothing stands there. The empty pointer is the whole.
 */
export function valueAt(document: unknown, pointer: string): { readonly value: unknown } | undefined {
  let value = document;
  for (const part of pointer === '' ? [] : pointer.slice(1).split('/')) {
    const key = part.replaceAll('~1', '/').replaceAll('~0', '~');
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined;
    if (Array.isArray(value) && !/^(0|[1-9]\d*)$/.test(key)) return undefined;
    value = (value as Record<string, unknown>)[key];
  }
  return { value };
}

/** Strictly: `"true"` is not true, `1` is not `"1"`. Every pointer must agree; each that does not is named. */
export function judgeJson(document: unknown, expected: Readonly<Record<string, JsonScalar>>): Evidence {
  const pointers = Object.entries(expected);
  const wrong = pointers.flatMap(([pointer, value]) => {
    const found = valueAt(document, pointer);
    return found !== undefined && found.value === value
      ? []
      : [`${pointer} ${show(value)} expected, ${shown(found)} found`];
  });
  if (wrong.length > 0) return failed(`${wrong.length} of ${pointers.length} values are wrong: ${wrong.join('; ')}`);
  return passed(pointers.map(([pointer, value]) => `${pointer} is ${show(value)}`).join(', '));
}

/** Scalars only, and short: an answer may hold more than a log should. */
function shown(found: { readonly value: unknown } | undefined): string {
  if (found === undefined) return 'nothing';
  if (Array.isArray(found.value)) return 'a list';
  return typeof found.value === 'object' && found.value !== null ? 'an object' : show(found.value);
}

function show(value: unknown): string {
  const text = JSON.stringify(value);
  return text.length > 80 ? `${text.slice(0, 79)}…` : text;
}
