/**
 * A text with its control characters written as `\u{…}`: C0, C1, line and paragraph separators, and those that turn the direction of
 * text. Names of files, keys of a recipe and class names come from folders that anyone may have made; printed as they are, they move
 * the terminal's cursor, break its lines, or write into its clipboard (OSC 52).
 *
 * @param keep Control characters that stay; none by default. Whole messages keep `\n` and `\t`.
 */
export const printable = (text: string, keep = ''): string =>
  text.replace(/[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]/gu, (character) =>
    keep.includes(character) ? character : `\\u{${character.codePointAt(0)!.toString(16)}}`,
  );
