// Batch normalization over rows of channels. Sums go by fixed blocks of rows, [3][channels] each, which a later job combines in order.
#pragma once

#include "contract.h"
#include "vector.hpp"

namespace RESNET_LEVEL {

using resnet::Mask;

/** Rows `first` … `end` of `channels` values. */
struct Rows {
  int first, end, channels;

  int gap() const { return up(channels, 4); }
  /** Rows that stay in the first cache while all groups of channels pass. */
  int piece() const { return larger(1, 1536 / channels); }
};

/** Calls `f(V{}, channel, from, to)` for pieces of rows and, within each, groups of channels; offsets in floats, of the channel in each row. */
template <class F> INLINE void eachPiece(const Rows &r, F f) {
  for (int row = r.first; row < r.end; row += r.piece()) {
    const size_t from = (size_t)row * r.channels, to = (size_t)smaller(r.end, row + r.piece()) * r.channels;
    lanes(r.channels, [&](auto kind, int channel) INLINED { f(kind, channel, from + channel, to + channel); });
  }
}

/** Mean and sum of squared deviations, in two passes, so that a large mean costs no accuracy. */
inline void sumStatistics(const float *x, float *out, Rows r) {
  float *mean = out, *square = out + r.gap();
  const int count = r.end - r.first;
  memset(out, 0, 2 * r.gap() * sizeof(float));
  eachPiece(r, [&](auto kind, int channel, size_t from, size_t to) INLINED {
    using V = decltype(kind);
    V sum = load<V>(mean + channel);
    for (size_t p = from; p < to; p += r.channels) sum += load<V>(x + p);
    store(mean + channel, sum);
  });
  for (int i = 0; i < r.channels; i++) mean[i] /= (float)count;
  eachPiece(r, [&](auto kind, int channel, size_t from, size_t to) INLINED {
    using V = decltype(kind);
    V sum = load<V>(square + channel);
    const V center = load<V>(mean + channel);
    for (size_t p = from; p < to; p += r.channels) {
      const V d = load<V>(x + p) - center;
      sum += d * d;
    }
    store(square + channel, sum);
  });
}

/** y = a·x + b (+ extra), then relu if asked. */
inline void applyNorm(const float *x, float *y, const float *factors, const float *extra, bool clamp, Rows r) {
  eachPiece(r, [&](auto kind, int channel, size_t from, size_t to) INLINED {
    using V = decltype(kind);
    const V a = load<V>(factors + channel), b = load<V>(factors + r.gap() + channel), floor = splat<V>(clamp ? 0 : -__builtin_inff());
    if (extra) for (size_t p = from; p < to; p += r.channels) store(y + p, atLeast(load<V>(x + p) * a + b + load<V>(extra + p), floor));
    else for (size_t p = from; p < to; p += r.channels) store(y + p, atLeast(load<V>(x + p) * a + b, floor));
  });
}

/** What the sums of a gradient need. `gate`: the relu's output, or the factors of the normalization before it; `g`: where what passes is stored. */
struct GradientSums {
  const float *dy, *x, *mean, *gate;
  float *g, *sums;
};

/** Σg and Σg·(x − mean). */
template <Mask MASK> void sumGradients(const GradientSums &s, Rows r) {
  memset(s.sums, 0, 2 * r.gap() * sizeof(float));
  eachPiece(r, [&](auto kind, int channel, size_t from, size_t to) INLINED {
    using V = decltype(kind);
    const V mean = load<V>(s.mean + channel);
    V a{}, b{}, s1 = load<V>(s.sums + channel), s2 = load<V>(s.sums + r.gap() + channel);
    if constexpr (MASK == Mask::ByFactors) {
      a = load<V>(s.gate + channel);
      b = load<V>(s.gate + r.gap() + channel);
    }
    for (size_t p = from; p < to; p += r.channels) {
      const V x = load<V>(s.x + p);
      V g = load<V>(s.dy + p);
      if constexpr (MASK == Mask::ByOutput) g = where(load<V>(s.gate + p), g);
      if constexpr (MASK == Mask::ByFactors) g = where(x * a + b, g);
      if constexpr (MASK != Mask::All) store(s.g + p, g);
      s1 += g;
      s2 += g * (x - mean);
    }
    store(s.sums + channel, s1);
    store(s.sums + r.gap() + channel, s2);
  });
}

/** dx = a·g + b·x + c. */
inline void applyNormGradient(const float *g, const float *x, const float *factors, float *dx, Rows r) {
  eachPiece(r, [&](auto kind, int channel, size_t from, size_t to) INLINED {
    using V = decltype(kind);
    const V a = load<V>(factors + channel), b = load<V>(factors + r.gap() + channel), c = load<V>(factors + 2 * r.gap() + channel);
    for (size_t p = from; p < to; p += r.channels) store(dx + p, load<V>(g + p) * a + (load<V>(x + p) * b + c));
  });
}

}  // namespace RESNET_LEVEL
