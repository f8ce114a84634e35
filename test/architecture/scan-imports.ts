/** One import as it stands in a file. `type` leaves no trace at run time; `dynamic` is loaded when it is reached. */
export interface Import {
  readonly specifier: string;
  readonly how: 'value' | 'type' | 'dynamic';
  readonly line: number;
}

/** The specifier of an `import(…)` whose argument is not one plain string. */
export const COMPUTED = '(computed)';

interface Token {
  readonly kind: 'word' | 'string' | 'mark' | 'regex';
  readonly text: string;
  readonly line: number;
}

/**
 * Every import and export-from of a source. `import { type A } from 'x'` is a value import, for type stripping leaves
 * `import {} from 'x'`, which runs x.
 */
export function scanImports(source: string): Import[] {
  const tokens = tokensOf(source);
  return tokens.flatMap((token, at) => {
    if (token.kind !== 'word' || tokens[at - 1]?.text === '.') return [];
    if (token.text === 'import') return importAt(tokens, at);
    return token.text === 'export' ? exportAt(tokens, at) : [];
  });
}

function importAt(tokens: readonly Token[], at: number): Import[] {
  const { line } = tokens[at]!;
  const next = tokens[at + 1];
  if (next?.text === '.' || next?.text === ':') return []; // import.meta, a property
  if (next?.text === '(') {
    const [name, end] = tokens.slice(at + 2, at + 4);
    const plain = name?.kind === 'string' && !name.text.startsWith('`') && (end?.text === ')' || end?.text === ',');
    return [{ specifier: plain ? name.text : COMPUTED, how: 'dynamic', line }];
  }
  if (next?.kind === 'string') return [{ specifier: next.text, how: 'value', line }];
  // `import type from 'x'` is a value that is called type.
  const typed = next?.text === 'type' && !(tokens[at + 2]?.text === 'from' && tokens[at + 3]?.kind === 'string');
  return fromAfter(tokens, at + 1, typed ? 'type' : 'value', line);
}

function exportAt(tokens: readonly Token[], at: number): Import[] {
  const typed = tokens[at + 1]?.text === 'type' && /^[{*]$/.test(tokens[at + 2]?.text ?? '');
  const opening = tokens[at + (typed ? 2 : 1)]?.text ?? '';
  if (opening !== '{' && opening !== '*') return [];
  const closing = opening === '{' ? tokens.findIndex((token, later) => later > at && token.text === '}') : at;
  if (opening === '{' && tokens[closing + 1]?.text !== 'from') return [];
  return fromAfter(tokens, closing, typed ? 'type' : 'value', tokens[at]!.line);
}

function fromAfter(tokens: readonly Token[], at: number, how: Import['how'], line: number): Import[] {
  const from = tokens.findIndex(
    (token, later) => later > at && token.text === 'from' && tokens[later + 1]?.kind === 'string',
  );
  return from < 0 ? [] : [{ specifier: tokens[from + 1]!.text, how, line }];
}

/** After these a slash begins a regular expression and does not divide. */
const BEFORE_REGEX = /^([(,=:[!&|?{};+*%~^<>-]|return|typeof|case|in|of|await|void|delete|throw|yield|else)$/;
const PARTS: readonly (readonly [Token['kind'] | 'nothing', RegExp])[] = [
  ['nothing', /\s+|\/\/.*|\/\*[\s\S]*?\*\//y],
  ['word', /[\p{ID_Start}$_#][\p{ID_Continue}$]*/uy],
  ['string', /'(?:\\[\s\S]|[^'\\\n])*'|"(?:\\[\s\S]|[^"\\\n])*"/y],
];
const REGEX = /\/(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\[\n])+\/\w*/y;

/** Words, strings and single marks, without comments. A template's text is one string; what stands in its `${}` is read too. */
export function tokensOf(source: string): Token[] {
  const tokens: Token[] = [];
  /** For each open brace, whether it ends a template's `${`. */
  const braces: boolean[] = [];
  let at = 0;
  let line = 1;
  const take = (kind: Token['kind'] | 'nothing', text: string): void => {
    if (kind !== 'nothing')
      tokens.push({ kind, text: kind === 'string' && text[0] !== '`' ? text.slice(1, -1) : text, line });
    line += text.split('\n').length - 1;
    at += text.length;
  };
  const takeTemplate = (): void => {
    const [text] = matchAt(/(?:\\[\s\S]|\$(?!\{)|[^`\\$])*(?:`|\$\{)/y, source, at + 1) ?? [source.slice(at + 1)];
    if (text.endsWith('${')) braces.push(true);
    take('string', `\`${text}`);
  };
  while (at < source.length) {
    const found = PARTS.map(([kind, part]) => ({ kind, text: matchAt(part, source, at)?.[0] })).find(one => one.text);
    const mark = source[at]!;
    if (found?.text !== undefined) take(found.kind, found.text);
    else if (mark === '`') takeTemplate();
    else if (mark === '}' && braces.pop() === true) takeTemplate();
    else {
      const regex = mark === '/' && BEFORE_REGEX.test(tokens.at(-1)?.text ?? ';') ? matchAt(REGEX, source, at) : null;
      if (mark === '{') braces.push(false);
      take(regex === null ? 'mark' : 'regex', regex?.[0] ?? mark);
    }
  }
  return tokens;
}

function matchAt(pattern: RegExp, source: string, at: number): RegExpExecArray | null {
  pattern.lastIndex = at;
  return pattern.exec(source);
}
