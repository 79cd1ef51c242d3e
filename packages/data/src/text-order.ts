/**
 * Compares texts by their code points, as Python's `sorted` does; JavaScript's `sort` compares UTF-16 units, which puts emoji before
 * `\uffff`.
 */
export function byCodePoint(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const [x, y] = [a.charCodeAt(i), b.charCodeAt(i)];
    if (x === y) continue;
    return isSurrogate(x) === isSurrogate(y) ? x - y : isSurrogate(x) ? 1 : -1;
  }
  return a.length - b.length;
}

/** Half of a code point beyond 0xffff. */
const isSurrogate = (unit: number): boolean => unit >= 0xd800 && unit <= 0xdfff;
