/**
 * A text with its control characters written as `\u{…}`: names of files come from archives that anyone may have made, and must not
 * move a terminal's cursor, break its lines or turn the direction of what follows.
 */
export const printable = (text: string): string =>
  text.replace(
    /[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]/gu,
    (character) => `\\u{${character.codePointAt(0)!.toString(16)}}`,
  );
