/** Five columns a letter, one byte each, its lowest bit at the top: the common 5×7 display font, lower case only. */
const GLYPHS: Readonly<Record<string, string>> = {
  a: '2054547840',
  b: '7f28444438',
  c: '3844444428',
  d: '384444287f',
  e: '3854545418',
  f: '00087e0902',
  g: '18a4a49c78',
  h: '7f08040478',
  i: '00447d4000',
  j: '2040403d00',
  k: '7f10284400',
  l: '00417f4000',
  m: '7c04780478',
  n: '7c08040478',
  o: '3844444438',
  p: 'fc18242418',
  q: '18242418fc',
  r: '7c08040408',
  s: '4854545424',
  t: '04043f4424',
  u: '3c4040207c',
  v: '1c2040201c',
  w: '3c4030403c',
  x: '4428102844',
  y: '4c9090907c',
  z: '4464544c44',
  0: '3e5149453e',
  1: '00427f4000',
  2: '7249494946',
  3: '2141494d33',
  4: '1814127f10',
  5: '2745454539',
  6: '3c4a494931',
  7: '4121110907',
  8: '3649494936',
  9: '464949291e',
  '-': '0808080808',
  '.': '0000606000',
  '/': '2010080402',
  ' ': '0000000000',
};

/** Width and height of a letter with the space around it. */
export const LETTER = { width: 6, height: 9 } as const;

/**
 * The pixels of a line of text, so that labels do not depend on installed fonts. Characters without a glyph become spaces.
 *
 * @param scale Side of a dot in pixels.
 * @returns `[x, y]` of every pixel to paint, from the top left corner.
 */
export function* letters(text: string, scale: number): Generator<readonly [x: number, y: number]> {
  for (const [place, character] of [...text.toLowerCase()].entries()) {
    const columns = Buffer.from(GLYPHS[character] ?? GLYPHS[' ']!, 'hex');
    for (const [column, bits] of columns.entries()) {
      for (let row = 0; row < 8; row++) {
        if (!((bits >> row) & 1)) continue;
        for (let dot = 0; dot < scale * scale; dot++) {
          yield [(place * LETTER.width + column) * scale + (dot % scale), row * scale + Math.floor(dot / scale)];
        }
      }
    }
  }
}
