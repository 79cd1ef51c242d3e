/**
 * A text with its control characters written as `\u{…}`: C0, C1, line and paragraph separators, and bidirectional controls. File
 * names, recipe keys and class names may come from others; unescaped, they could move the terminal's cursor, break lines, or write to
 * the clipboard (OSC 52).
 *
 * @param keep Control characters that are not escaped. Default: none. Whole messages keep `\n` and `\t`.
 */
export const printable = (text: string, keep = ''): string =>
  text.replace(/[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]/gu, (character) =>
    keep.includes(character) ? character : `\\u{${character.codePointAt(0)!.toString(16)}}`,
  );
