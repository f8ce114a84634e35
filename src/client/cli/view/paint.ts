import { stripVTControlCharacters, styleText } from 'node:util';

export type Style = Parameters<typeof styleText>[0];
/** Colours a text, or gives it back as it is. */
export type Paint = (style: Style, text: string) => string;

export const painter =
  (colour: boolean): Paint =>
  (style, text) =>
    colour && text !== '' ? styleText(style, text, { validateStream: false }) : text;

/** What others wrote reaches the terminal as plain text: no escapes, no line breaks, nothing that turns the direction. */
export const plain = (text: string): string => text.replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, ' ').trim();

/** At most `width` characters, the last one `…` when something is cut off. */
export function clip(text: string, width: number): string {
  const letters = [...text];
  if (letters.length <= width) return text;
  return width <= 0 ? '' : `${letters.slice(0, width - 1).join('')}…`;
}

export const pad = (text: string, width: number): string => text + ' '.repeat(Math.max(0, width - [...text].length));
export const padLeft = (text: string, width: number): string =>
  ' '.repeat(Math.max(0, width - [...text].length)) + text;

/** Breaks at spaces; a word that is longer than a line is cut into lines. Never empty. */
export function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of plain(text).split(' ')) {
    let rest = word;
    if (line !== '' && [...line].length + 1 + [...rest].length <= width) {
      line += ` ${rest}`;
      continue;
    }
    if (line !== '') lines.push(line);
    while ([...rest].length > width) {
      lines.push([...rest].slice(0, width).join(''));
      rest = [...rest].slice(width).join('');
    }
    line = rest;
  }
  return line === '' && lines.length > 0 ? lines : [...lines, line];
}

/** How many columns a painted line takes. */
export const widthOf = (line: string): number => [...stripVTControlCharacters(line)].length;
