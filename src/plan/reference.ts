/** The part of JSON schema that the plan's schema is written in. */
export interface JsonSchema {
  readonly title?: string;
  readonly description?: string;
  readonly type?: string | readonly string[];
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly default?: unknown;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: JsonSchema | boolean;
  readonly propertyNames?: JsonSchema;
  readonly items?: JsonSchema;
  readonly anyOf?: readonly JsonSchema[];
}

const INTRO = `# The plan file

Made from the schema by \`npm run schema\`. Every key that a plan may hold; any other is refused, with its line and column.

A **duration** is a whole number and \`ms\`, \`s\`, \`m\`, \`h\` or \`d\`, as \`30s\`. A **name** is 1 to 63 of \`a-z 0-9 . _ -\`, with a
letter or digit at both ends. A **secret reference** is \`"\${file:/run/secrets/name}"\` or \`"\${env:NAME}"\`, in quotes: the
worker reads it when it is used, and a plan holds no secret itself. Anchors, aliases and tags are not read.

Besides the shape, these are checked: every tier, target, host and channel that is named exists; nothing is named twice;
every container has a tier, and the container of a gate has none and no probes; no target is asked for what its kind
cannot do; \`data: restore\` has a \`count\`; stores that are \`together\` make the same choice; no target time is above its
maximum; the verify window fits into its budget; aftercare looks at least once.
`;

/** The reference page, in Markdown: a table for each mapping, with key, meaning, value and default. */
export function renderReference(schema: JsonSchema): string {
  return `${[INTRO.trimEnd(), ...sections('', schema, 'The whole file')].join('\n\n')}\n`;
}

function sections(path: string, schema: JsonSchema, heading: string): string[] {
  if (schema.anyOf?.some(branch => branch.properties !== undefined)) {
    return schema.anyOf.flatMap(branch => sections(path, branch, `\`${path}\` with \`${branch.title}\``));
  }
  if (schema.items !== undefined) return sections(`${path}[]`, schema.items, `\`${path}[]\``);
  if (typeof schema.additionalProperties === 'object') {
    return sections(`${path}.<name>`, schema.additionalProperties, `\`${path}.<name>\``);
  }
  if (schema.properties === undefined) return [];
  const members = Object.entries(schema.properties);
  const rows = members.map(([key, member]) => row(key, member, schema.required?.includes(key) ?? false));
  const table = ['| key | meaning | value | default |', '|---|---|---|---|', ...rows].join('\n');
  const deeper = members.flatMap(([key, member]) => {
    const inner = path === '' ? key : `${path}.${key}`;
    return sections(inner, member, `\`${inner}\``);
  });
  return [`## ${heading}`, table, ...sameForAll(path, deeper, members.length)];
}

/** One section where every member's is the same, as for the budgets of the phases. */
function sameForAll(path: string, texts: readonly string[], members: number): readonly string[] {
  const tables = texts.filter((_, index) => index % 2 === 1);
  const same = members > 1 && texts.length === 2 * members && new Set(tables).size === 1;
  return same ? [`## \`${path}.<each>\``, tables[0]!] : texts;
}

function row(key: string, schema: JsonSchema, required: boolean): string {
  const standard = required ? '**required**' : schema.default === undefined ? '–' : inline(schema.default);
  const cells = [`\`${key}\``, schema.description ?? '', value(schema), standard];
  return `| ${cells.map(cell => cell.replaceAll('|', '\\|').replaceAll('\n', ' ')).join(' | ')} |`;
}

function value(schema: JsonSchema): string {
  if (schema.const !== undefined) return inline(schema.const);
  if (schema.enum !== undefined) return schema.enum.map(inline).join(' or ');
  if (schema.title !== undefined && schema.properties === undefined) return schema.title;
  if (schema.items !== undefined) return `list of ${value(schema.items)}`;
  if (typeof schema.additionalProperties === 'object') {
    return `mapping of ${schema.propertyNames?.title ?? 'name'} to ${value(schema.additionalProperties)}`;
  }
  if (schema.anyOf?.some(branch => branch.properties !== undefined)) {
    return `mapping with ${schema.anyOf.map(branch => `\`${branch.title}\``).join(' or ')}`;
  }
  if (schema.anyOf !== undefined) return schema.anyOf.map(value).join(' or ');
  if (schema.type === 'object') return 'mapping';
  if (schema.type === 'integer') return 'whole number';
  if (schema.type === 'boolean') return '`true` or `false`';
  if (Array.isArray(schema.type)) return schema.type.map(type => value({ type })).join(' or ');
  return schema.type === 'string' ? 'text' : String(schema.type ?? 'any');
}

/** As it is written in YAML, on one line. */
const inline = (literal: unknown): string => {
  if (typeof literal === 'string') return `\`${literal}\``;
  if (typeof literal !== 'object' || literal === null) return `\`${String(literal)}\``;
  if (Array.isArray(literal)) return literal.length === 0 ? 'empty' : literal.map(inline).join(', ');
  const members = Object.entries(literal);
  if (members.length === 0) return 'as below';
  return `\`${JSON.stringify(literal)
    .replaceAll('"', '')
    .replaceAll(/[:,]/g, '$& ')
    .replace(/^\{(.*)\}$/, '{ $1 }')}\``;
};
