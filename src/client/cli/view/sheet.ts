import { type Paint, plain, type Style, wrap } from './paint.ts';

/** What every part of the view draws on. */
export interface Sheet {
  readonly paint: Paint;
  readonly width: number;
}

/** A word that stands out: on its own colour, or in brackets where there is none. Two columns wider than the word. */
export function badge({ paint }: Sheet, style: Style, word: string): string {
  const painted = paint(style, ` ${word} `);
  return painted === ` ${word} ` ? `[${word}]` : painted;
}

/** Where the text of a named line begins. */
export const INDENT = 14;

/** `  name        text`, wrapped under itself. */
export function named(name: string, lines: readonly string[]): string[] {
  return lines.map((line, index) => `  ${(index === 0 ? name : '').padEnd(INDENT - 2)}${line}`);
}

/**
 * Commands to be copied, so none is broken: one that does not fit beside its name stands on a line of its own.
 * What follows ` # ` says what it does.
 */
export function commands(name: string, list: readonly string[], { paint, width }: Sheet): string[] {
  return list.flatMap((text, index) => {
    const [command = '', about] = plain(text).split(/ +# /);
    const label = index === 0 ? name : '';
    const beside = `  ${label.padEnd(INDENT - 2)}${command}`;
    const line = [...beside].length <= width ? [beside] : [...(label === '' ? [] : [`  ${label}`]), `    ${command}`];
    const room = width - INDENT - 2;
    const said = about === undefined ? [] : named('', wrap(about, room)).map(words => paint('dim', words));
    return [...line.map(words => paint('cyan', words)), ...said];
  });
}
