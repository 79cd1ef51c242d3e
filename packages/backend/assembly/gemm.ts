// The two register kernels that all convolutions and products end in. Operands are packed so that both read memory in order:
//   A [depth/4][rows][4]   B [columns/8][depth][8]   C [columns/8][rows][8]
// depth and rows are multiples of 4, columns of 8; what is beyond the true sizes must be zero in A or in B.
//
// Each loop is unrolled four times with a way out after each step that is never taken. V8 moves arithmetic as far down as it may, within and
// beyond basic blocks, and loads up: without the exits all loads of the four steps come first and most of them are spilled (half the speed).
// Splat loads get no immediate offset in V8, hence the walking `x` with at most four offsets, whose bases stay in registers.

import { fma, zero } from './vec';

/** C = A·B: 4×8 outputs at a time. */
export function gemm(a: usize, b: usize, c: usize, rows: i32, depth: i32, columns: i32, never: usize): void {
  const step = (<usize>rows << 4) - 12, panel = <usize>depth << 5;
  for (let k = 0; k < columns; k += 8) {
    for (let t = 0; t < rows; t += 4) {
      let c00 = zero(), c01 = zero(), c10 = zero(), c11 = zero(), c20 = zero(), c21 = zero(), c30 = zero(), c31 = zero();
      let x = a + (<usize>t << 4), w = b;
      const end = b + panel;
      while (true) {
        let w0 = v128.load(w), w1 = v128.load(w, 16), v = v128.load_splat<f32>(x);
        c00 = fma(c00, v, w0); c01 = fma(c01, v, w1); v = v128.load_splat<f32>(x, 16);
        c10 = fma(c10, v, w0); c11 = fma(c11, v, w1); v = v128.load_splat<f32>(x, 32);
        c20 = fma(c20, v, w0); c21 = fma(c21, v, w1); v = v128.load_splat<f32>(x, 48);
        c30 = fma(c30, v, w0); c31 = fma(c31, v, w1);
        x += 4;
        if (x == never) break;
        w0 = v128.load(w, 32); w1 = v128.load(w, 48); v = v128.load_splat<f32>(x);
        c00 = fma(c00, v, w0); c01 = fma(c01, v, w1); v = v128.load_splat<f32>(x, 16);
        c10 = fma(c10, v, w0); c11 = fma(c11, v, w1); v = v128.load_splat<f32>(x, 32);
        c20 = fma(c20, v, w0); c21 = fma(c21, v, w1); v = v128.load_splat<f32>(x, 48);
        c30 = fma(c30, v, w0); c31 = fma(c31, v, w1);
        x += 4;
        if (x == never) break;
        w0 = v128.load(w, 64); w1 = v128.load(w, 80); v = v128.load_splat<f32>(x);
        c00 = fma(c00, v, w0); c01 = fma(c01, v, w1); v = v128.load_splat<f32>(x, 16);
        c10 = fma(c10, v, w0); c11 = fma(c11, v, w1); v = v128.load_splat<f32>(x, 32);
        c20 = fma(c20, v, w0); c21 = fma(c21, v, w1); v = v128.load_splat<f32>(x, 48);
        c30 = fma(c30, v, w0); c31 = fma(c31, v, w1);
        x += 4;
        if (x == never) break;
        w0 = v128.load(w, 96); w1 = v128.load(w, 112); v = v128.load_splat<f32>(x);
        c00 = fma(c00, v, w0); c01 = fma(c01, v, w1); v = v128.load_splat<f32>(x, 16);
        c10 = fma(c10, v, w0); c11 = fma(c11, v, w1); v = v128.load_splat<f32>(x, 32);
        c20 = fma(c20, v, w0); c21 = fma(c21, v, w1); v = v128.load_splat<f32>(x, 48);
        c30 = fma(c30, v, w0); c31 = fma(c31, v, w1);
        x += step; w += 128;
        if (w == end) break;
      }
      const o = c + (<usize>t << 5);
      v128.store(o, c00); v128.store(o, c01, 16); v128.store(o, c10, 32); v128.store(o, c11, 48);
      v128.store(o, c20, 64); v128.store(o, c21, 80); v128.store(o, c30, 96); v128.store(o, c31, 112);
    }
    b += panel;
    c += <usize>rows << 5;
  }
}

/** D = AᵀC, or D += AᵀC: D [depth/4][columns/8][4][8], A and C as above. */
export function gemmTransposed(a: usize, c: usize, d: usize, rows: i32, depth: i32, columns: i32, accumulate: bool, never: usize): void {
  const size = <usize>rows << 4;
  for (let i = 0; i < depth; i += 4) {
    let y = c;
    for (let k = 0; k < columns; k += 8) {
      let d00 = zero(), d01 = zero(), d10 = zero(), d11 = zero(), d20 = zero(), d21 = zero(), d30 = zero(), d31 = zero();
      if (accumulate) {
        d00 = v128.load(d); d01 = v128.load(d, 16); d10 = v128.load(d, 32); d11 = v128.load(d, 48);
        d20 = v128.load(d, 64); d21 = v128.load(d, 80); d30 = v128.load(d, 96); d31 = v128.load(d, 112);
      }
      let x = a;
      const end = a + size;
      while (true) {
        let w0 = v128.load(y), w1 = v128.load(y, 16), v = v128.load_splat<f32>(x);
        d00 = fma(d00, v, w0); d01 = fma(d01, v, w1); v = v128.load_splat<f32>(x, 4);
        d10 = fma(d10, v, w0); d11 = fma(d11, v, w1); v = v128.load_splat<f32>(x, 8);
        d20 = fma(d20, v, w0); d21 = fma(d21, v, w1); v = v128.load_splat<f32>(x, 12);
        d30 = fma(d30, v, w0); d31 = fma(d31, v, w1);
        x += 16;
        if (x == never) break;
        w0 = v128.load(y, 32); w1 = v128.load(y, 48); v = v128.load_splat<f32>(x);
        d00 = fma(d00, v, w0); d01 = fma(d01, v, w1); v = v128.load_splat<f32>(x, 4);
        d10 = fma(d10, v, w0); d11 = fma(d11, v, w1); v = v128.load_splat<f32>(x, 8);
        d20 = fma(d20, v, w0); d21 = fma(d21, v, w1); v = v128.load_splat<f32>(x, 12);
        d30 = fma(d30, v, w0); d31 = fma(d31, v, w1);
        x += 16;
        if (x == never) break;
        w0 = v128.load(y, 64); w1 = v128.load(y, 80); v = v128.load_splat<f32>(x);
        d00 = fma(d00, v, w0); d01 = fma(d01, v, w1); v = v128.load_splat<f32>(x, 4);
        d10 = fma(d10, v, w0); d11 = fma(d11, v, w1); v = v128.load_splat<f32>(x, 8);
        d20 = fma(d20, v, w0); d21 = fma(d21, v, w1); v = v128.load_splat<f32>(x, 12);
        d30 = fma(d30, v, w0); d31 = fma(d31, v, w1);
        x += 16;
        if (x == never) break;
        w0 = v128.load(y, 96); w1 = v128.load(y, 112); v = v128.load_splat<f32>(x);
        d00 = fma(d00, v, w0); d01 = fma(d01, v, w1); v = v128.load_splat<f32>(x, 4);
        d10 = fma(d10, v, w0); d11 = fma(d11, v, w1); v = v128.load_splat<f32>(x, 8);
        d20 = fma(d20, v, w0); d21 = fma(d21, v, w1); v = v128.load_splat<f32>(x, 12);
        d30 = fma(d30, v, w0); d31 = fma(d31, v, w1);
        x += 16; y += 128;
        if (x == end) break;
      }
      y = c + (<usize>rows << 5) * <usize>((k >> 3) + 1);
      v128.store(d, d00); v128.store(d, d01, 16); v128.store(d, d10, 32); v128.store(d, d11, 48);
      v128.store(d, d20, 64); v128.store(d, d21, 80); v128.store(d, d30, 96); v128.store(d, d31, 112);
      d += 128;
    }
    a += size;
  }
}
