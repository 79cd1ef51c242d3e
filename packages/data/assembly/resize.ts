// Antialiased resize of RGB bytes: first along the rows, then along the columns, a pixel a vector (red, green, blue and one lane unused).
// Every argument that is a `usize` is an address in bytes.

/** Writes four lanes a pixel of one row, as floats. Reads one byte beyond the last pixel. */
// @ts-ignore: decorator
@inline
function widen(source: usize, target: usize, width: i32): void {
  const end = target + (<usize>width << 4);
  while (target < end) {
    v128.store(target, f32x4.convert_i32x4_u(i32x4.extend_low_i16x8_u(i16x8.extend_low_i8x16_u(v128.load32_zero(source)))));
    source += 3;
    target += 16;
  }
}

/** A sum of `count` vectors, `step` bytes apart, times their weights. */
// @ts-ignore: decorator
@inline
function weigh(source: usize, step: usize, weights: usize, count: i32): v128 {
  let sum = f32x4.mul(v128.load32_splat(weights), v128.load(source));
  for (let i = 1; i < count; i++) {
    weights += 4;
    source += step;
    sum = f32x4.add(sum, f32x4.mul(v128.load32_splat(weights), v128.load(source)));
  }
  return sum;
}

/**
 * Resizes `[rows, width, 3]` bytes at `source` to `[outRows, outWidth, 3]` bytes at `out`, rounded and clamped.
 *
 * @param columnStarts First input pixel of each output pixel along a row; int32.
 * @param columnWeights `columnTaps` weights for each; float32.
 * @param rowStarts As `columnStarts`, along a column, with `rowTaps` and `rowWeights`.
 * @param line Room for `width` vectors.
 * @param bands Room for `rows * outWidth` vectors.
 */
export function resize(
  source: usize, rows: i32, width: i32,
  columnStarts: usize, columnWeights: usize, columnTaps: i32,
  rowStarts: usize, rowWeights: usize, rowTaps: i32,
  line: usize, bands: usize,
  out: usize, outRows: i32, outWidth: i32,
): void {
  let band = bands;
  for (let y = 0; y < rows; y++) {
    widen(source + <usize>(y * width * 3), line, width);
    for (let x = 0; x < outWidth; x++) {
      const start = line + (<usize>load<i32>(columnStarts + (<usize>x << 2)) << 4);
      v128.store(band, weigh(start, 16, columnWeights + (<usize>(x * columnTaps) << 2), columnTaps));
      band += 16;
    }
  }
  const stride = <usize>outWidth << 4;
  const zero = f32x4.splat(0), full = f32x4.splat(255);
  for (let y = 0; y < outRows; y++) {
    const weights = rowWeights + (<usize>(y * rowTaps) << 2);
    let start = bands + <usize>load<i32>(rowStarts + (<usize>y << 2)) * stride;
    for (let x = 0; x < outWidth; x++) {
      const sum = f32x4.min(f32x4.max(weigh(start, stride, weights, rowTaps), zero), full);
      const pixel = i32x4.trunc_sat_f32x4_s(f32x4.nearest(sum));
      store<u8>(out, i32x4.extract_lane(pixel, 0));
      store<u8>(out, i32x4.extract_lane(pixel, 1), 1);
      store<u8>(out, i32x4.extract_lane(pixel, 2), 2);
      start += 16;
      out += 3;
    }
  }
}
