/**
 * A sender's text inside Markdown: one line, and no markup, link or image of its own. Commands and ids, which are
 * ours, are not passed through here.
 */
export const plainText = (text: string): string =>
  text
    .replaceAll(/\p{Cc}+|[\u2028\u2029]+/gu, ' ')
    .replaceAll(/[\\[\]<>]/g, found => `\\${found}`)
    .trim();

/** The longest head of `text` that takes at most `bytes` in UTF-8, without half a character at its end. */
export function headOf(text: string, bytes: number): string {
  let length = 0;
  let at = 0;
  for (const character of text) {
    length += utf8Length(character.codePointAt(0) ?? 0);
    if (length > bytes) return text.slice(0, at);
    at += character.length;
  }
  return text;
}

const utf8Length = (point: number): number => (point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x1_0000 ? 3 : 4);
