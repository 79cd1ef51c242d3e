// Winograd F(4×4, 3×3) (Lavin and Gray 2016): a tile of 6×6 inputs and a 3×3 filter give 4×4 outputs in 36 multiplications a channel pair.
// Points 0, ±1, ±2, ∞. One dimension at a time.
#pragma once

#include "vector.hpp"

namespace RESNET_LEVEL {

/** Bᵀd. */
template <class V> INLINE void transformInput(const V (&d)[6], V (&o)[6]) {
  const V four = splat<V>(4), p = d[4] - d[2] * four, q = d[3] - d[1] * four, r = d[4] - d[2], s = d[3] - d[1], s2 = s + s;
  o[0] = (d[0] - d[2]) * four + r;
  o[1] = p + q;
  o[2] = p - q;
  o[3] = r + s2;
  o[4] = r - s2;
  o[5] = (d[5] - d[3]) - s * four;
}

/** A·y, of output gradients. */
template <class V> INLINE void transformGradient(const V (&y)[4], V (&o)[6]) {
  const V four = splat<V>(4), e = y[0] + y[2], f = y[1] + y[3], g = y[2] * four + y[0], z = y[3] * four + y[1], h = z + z;
  o[0] = y[0];
  o[1] = e + f;
  o[2] = e - f;
  o[3] = g + h;
  o[4] = g - h;
  o[5] = y[3];
}

/** Aᵀm. */
template <class V> INLINE void transformOutput(const V (&m)[6], V (&o)[4]) {
  const V four = splat<V>(4), a = m[1] + m[2], b = m[1] - m[2], c = m[3] + m[4], d = m[3] - m[4], d2 = d + d;
  o[0] = m[0] + a + c;
  o[1] = b + d2;
  o[2] = c * four + a;
  o[3] = d2 * four + b + m[5];
}

/** G·w. */
template <class V> INLINE void transformFilter(const V (&w)[3], V (&o)[6]) {
  const V sixth = splat<V>(1.f / 6), a = (w[0] + w[2]) * -sixth, b = w[1] * sixth;
  const V c = w[2] * sixth + w[0] * splat<V>(1.f / 24), d = w[1] * splat<V>(1.f / 12);
  o[0] = w[0] * splat<V>(0.25f);
  o[1] = a - b;
  o[2] = a + b;
  o[3] = c + d;
  o[4] = c - d;
  o[5] = w[2];
}

/** Gᵀu, back to the gradient of a filter. */
template <class V> INLINE void transformFilterGradient(const V (&u)[6], V (&o)[3]) {
  const V sixth = splat<V>(1.f / 6), a = u[1] + u[2], b = u[2] - u[1], c = u[3] + u[4], d = u[3] - u[4];
  o[0] = c * splat<V>(1.f / 24) + (u[0] * splat<V>(0.25f) - a * sixth);
  o[1] = d * splat<V>(1.f / 12) + b * sixth;
  o[2] = (c - a) * sixth + u[5];
}

}  // namespace RESNET_LEVEL
