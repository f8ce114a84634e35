import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { describe, it } from 'node:test';
import type { Command } from 'commander';
import type { In, Out } from '../../src/client/cli/cli.ts';
import { createProgram } from '../../src/client/cli/program.ts';
import { readTree } from '../architecture/tree.ts';

const ROOT = join(import.meta.dirname, '../..');
const DOCUMENTS = ['README.md', 'docs/operating.md', 'docs/how-a-run-flows.md', 'docs/security.md'];

/** The real command line, of which nothing is done: only read. */
function program(): Command {
  const [stdin, stdout, stderr] = [new PassThrough(), new PassThrough(), new PassThrough()];
  const around = { stdin: stdin as In, stdout: stdout as unknown as Out, stderr: stderr as unknown as Out, env: {} };
  const made = createProgram(around, true, () => {});
  disarm(made);
  return made;
}
function disarm(command: Command): void {
  for (const one of command.commands) disarm(one);
  if (command.commands.length === 0) command.action(() => {});
}
const COMMANDS = new Set(program().commands.map(command => command.name()));

/** Why the command line does not take it; nothing when it does. */
function fault(words: readonly string[]): string | undefined {
  try {
    program().parse([...words], { from: 'user' });
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}

/** What stands in a command where a value will. */
const VALUES: readonly (readonly [RegExp, string])[] = [
  [/answer/, 'retry'],
  [/lost|acceptLoss/, '7'],
  [/choice/, 'keep'],
  [/severity/, 'P1'],
];
const filled = (text: string): string =>
  text
    .replaceAll(/\$\{[^{}]*\}/g, value => VALUES.find(([of]) => of.test(value))?.[1] ?? '0123456789ab')
    .replaceAll(/<[a-z-]+>/g, '0123456789ab');

interface Hint {
  readonly where: string;
  readonly text: string;
  readonly words: readonly string[];
}

/** Every command that a text names: up to the end of the quotation, or to the punctuation that ends it. */
function hintsIn(where: string, line: string): Hint[] {
  return [...filled(line).matchAll(/(.?)\blastgood ([a-z-]+)\b([^'`]*)/g)].flatMap(([, before, command, rest]) => {
    if (command === undefined || !COMMANDS.has(command)) return [];
    const text = `${command}${(rest ?? '').split(/[,;:#…)\]]|&&|\\n| {2}| \| /)[0] ?? ''}`
      .trim()
      .replace(/\.$|"$(?<!"[^"]*")/, '');
    const words = [...text.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, word]) => quoted ?? word ?? '');
    // `lastgood plan` in the midst of a sentence is its name.
    return before === '`' && words.length === 1 ? [] : [{ where, text: `lastgood ${text}`, words }];
  });
}

const isComment = (line: string): boolean => /^\s*(\*|\/\*|\/\/)/.test(line);
const inSources = (): Hint[] =>
  [...readTree(ROOT, ['src'])].flatMap(([file, source]) =>
    source.split('\n').flatMap((line, index) => (isComment(line) ? [] : hintsIn(`${file}:${index + 1}`, line))),
  );
const inDocuments = (): Hint[] =>
  DOCUMENTS.flatMap(file =>
    readFileSync(join(ROOT, file), 'utf8')
      .split('\n')
      .flatMap((line, index) => hintsIn(`${file}:${index + 1}`, line.replaceAll(/([a-z]+)(\|[a-z]+)+/g, '$1'))),
  );

const faults = (hints: readonly Hint[]): string[] =>
  hints.flatMap(({ where, text, words }) => {
    const why = fault(words);
    return why === undefined ? [] : [`${where}: ${text}: ${why}`];
  });

describe('what people are told to do next', () => {
  it('is taken by the command line, wherever the sources name a command', t => {
    const hints = inSources();
    t.diagnostic(`${hints.length} commands named in sources`);
    assert.ok(hints.length >= 50, `${hints.length} found`);
    assert.deepEqual(faults(hints), []);
  });

  it('is taken by the command line, wherever the documents name a command', t => {
    const hints = inDocuments();
    t.diagnostic(`${hints.length} commands named in documents`);
    assert.ok(hints.length >= 10, `${hints.length} found`);
    assert.deepEqual(faults(hints), []);
  });

  it('is found wanting where an option, a platform or a name is wrong', () => {
    const planted = [
      "'lastgood run --take-over <run>'",
      '`lastgood release good <platform> --release <release>`',
      "'lastgood decide shop perhaps'",
      "'wait for it: lastgood watch shop shop, and look'",
    ];
    for (const line of planted) assert.equal(faults(hintsIn('planted', line)).length, 1, line);
  });

  it('starts a server of a profile that the compose file has', () => {
    const source = readFileSync(join(ROOT, 'src/client/connection.ts'), 'utf8');
    const compose = readFileSync(join(ROOT, 'docker-compose.temporal.yml'), 'utf8');
    const [, profile] =
      /docker compose -f docker-compose\.temporal\.yml --profile (\S+) up -d --wait/.exec(source) ?? [];
    assert.ok(profile !== undefined, 'a profile is named, without which nothing starts');
    assert.match(compose, new RegExp(`profiles: \\[${profile}\\]`));
  });
});
