import {
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  parseDocument,
  type YAMLError,
  type YAMLMap,
} from 'yaml';
import type { Finding, Path } from './faults.ts';

/** A plan is a page or ten, never more than this. */
export const MAX_BYTES = 1_048_576;
/** Mappings and lists inside one another. The deepest that a plan needs is 6. */
const MAX_DEPTH = 20;
/** Other than tab and line feed: they would be printed to terminals. */
const CONTROL = /(?![\t\n])\p{Cc}/u;

export interface YamlSource {
  /** Plain data. Mappings have no prototype, so that no key is mistaken for a method. */
  readonly value: unknown;
  /** Faults of the text itself, by offset. */
  readonly faults: readonly { readonly offset: number; readonly path: Path; readonly message: string }[];
  /** Not to be judged further: the text is no YAML, or not one that is read. */
  readonly broken: boolean;
  /** Offset of a key or a value; of the nearest that holds it when it is missing. */
  locate(path: Path, at: Finding['at']): number;
  /** Line and column, both from 1. */
  position(offset: number): { readonly line: number; readonly column: number };
}

/** Reads YAML 1.2 without anchors, aliases or tags, and keeps where each key and value stands. Never throws. */
export function readYaml(text: string): YamlSource {
  const reader = new Reader();
  const lines = new LineCounter();
  const position = (offset: number) => {
    const { line, col } = lines.linePos(offset);
    return { line: Math.max(1, line), column: Math.max(1, col) };
  };
  const refused = (message: string): YamlSource => ({
    value: undefined,
    faults: [{ offset: 0, path: [], message }],
    broken: true,
    locate: () => 0,
    position,
  });
  const bytes = Buffer.byteLength(text);
  if (bytes > MAX_BYTES) return refused(`${bytes} bytes, expected at most ${MAX_BYTES}`);
  let document: Document.Parsed;
  try {
    document = parseDocument(text, {
      lineCounter: lines,
      prettyErrors: false,
      uniqueKeys: false,
      keepSourceTokens: false,
      stringKeys: false,
    });
  } catch {
    return refused('cannot be read as YAML, expected plain mappings, lists and values');
  }
  const lineOf = (error: YAMLError) => position(error.pos[0]).line;
  const syntax = [...document.errors, ...document.warnings].slice(0, 100);
  if (syntax.length > 0) {
    const faults = syntax.flatMap((error, index) => {
      const message = describeError(error, text);
      // After the first, what is not known by name follows from it more often than not, and so does all on its line.
      const sameLine = syntax.slice(0, index).some(earlier => lineOf(earlier) === lineOf(error));
      return sameLine || (index > 0 && message.startsWith(UNNAMED))
        ? []
        : [{ offset: error.pos[0], path: [], message }];
    });
    return { value: undefined, faults, broken: true, locate: () => 0, position };
  }
  const value = reader.read(document.contents, []);
  return { value, faults: reader.faults, broken: reader.broken, locate: reader.locate, position };
}

class Reader {
  readonly faults: { offset: number; path: Path; message: string }[] = [];
  broken = false;
  readonly #places = new Map<string, { key?: number; value: number }>();

  readonly locate = (path: Path, at: Finding['at']): number => {
    const place = this.#places.get(JSON.stringify(path));
    if (place !== undefined) return at === 'key' ? (place.key ?? place.value) : place.value;
    for (let length = path.length - 1; length >= 0; length -= 1) {
      const holder = this.#places.get(JSON.stringify(path.slice(0, length)));
      if (holder !== undefined) return holder.key ?? holder.value;
    }
    return 0;
  };

  read(node: Node | null | undefined, path: Path, key?: number): unknown {
    const offset = node?.range?.[0] ?? key ?? 0;
    this.#places.set(JSON.stringify(path), key === undefined ? { value: offset } : { key, value: offset });
    if (isAlias(node) || (node && 'anchor' in node && node.anchor !== undefined)) {
      return this.#refuse(offset, path, 'anchor or alias, expected the value written out');
    }
    if (isScalar(node)) {
      if (typeof node.value === 'string' && CONTROL.test(node.value)) {
        return this.#refuse(offset, path, 'control character, expected printable text');
      }
      return typeof node.value === 'bigint' ? Number(node.value) : node.value;
    }
    if (!isMap(node) && !isSeq(node)) return null;
    if (path.length >= MAX_DEPTH) {
      return this.#refuse(offset, path, `nested too deep, expected at most ${MAX_DEPTH} levels`);
    }
    if (isMap(node)) return this.#readMapping(node as YAMLMap, path);
    return node.items.map((item, index) => this.read(item as Node | null, [...path, index]));
  }

  #readMapping(node: YAMLMap, path: Path): Record<string, unknown> {
    const mapping: Record<string, unknown> = Object.create(null);
    for (const pair of node.items) {
      const keyNode = pair.key as Node | null;
      const offset = keyNode?.range?.[0] ?? node.range?.[0] ?? 0;
      if (!isScalar(keyNode) || keyNode.value === null || keyNode.value === '__proto__') {
        this.#refuse(offset, path, 'key is not a word, expected a name before the colon');
        continue;
      }
      const key = String(keyNode.value);
      const here = [...path, key];
      if (key in mapping) {
        this.faults.push({ offset, path: here, message: 'key given twice, expected once' });
        continue;
      }
      mapping[key] = this.read(pair.value as Node | null, here, offset);
    }
    return mapping;
  }

  #refuse(offset: number, path: Path, message: string): undefined {
    this.faults.push({ offset, path, message });
    this.broken = true;
    return undefined;
  }
}

const UNNAMED = 'not YAML, expected plain mappings, lists and values';

/** The library's own messages quote the text, which may hold a secret: these never do. */
function describeError(error: YAMLError, text: string): string {
  const says: Partial<Record<YAMLError['code'], string>> = {
    BAD_ALIAS: 'anchor or alias, expected the value written out',
    BAD_DQ_ESCAPE: 'unknown escape in a double-quoted text, expected one of YAML 1.2',
    BAD_INDENT: 'indented wrongly, expected the same column as its neighbours',
    MISSING_CHAR: 'something is missing before this, expected a comma, a colon, a quote or a closing bracket',
    MULTILINE_IMPLICIT_KEY: 'key runs over several lines, expected one line and a colon',
    MULTIPLE_DOCS: 'second document, expected one plan a file',
    RESOURCE_EXHAUSTION: `nested too deep, expected at most ${MAX_DEPTH} levels`,
    TAB_AS_INDENT: 'indented with a tab, expected spaces',
    TAG_RESOLVE_FAILED: 'unknown tag, expected plain mappings, lists and values',
  };
  const message = says[error.code] ?? UNNAMED;
  const line = text.slice(text.lastIndexOf('\n', error.pos[0] - 1) + 1, text.indexOf('\n', error.pos[0]) >>> 0);
  return /[^"']\$\{/.test(line) ? `${message}, did you mean to quote "\${…}"?` : message;
}
