// Pooling windows and spatial sums. NHWC.
#pragma once

#include "memory.hpp"
#include "vector.hpp"

namespace RESNET_LEVEL {

using resnet::volume;

/** Sizes of a pooling. */
struct Pooling {
  int h, w, c, oh, ow, windowY, windowX, strideY, strideX, top, left;

  bool valid() const {
    constexpr int LIMIT = 1 << 24;
    for (const int size : {h, w, c, oh, ow, windowY, windowX, strideY, strideX})
      if (size < 1 || size > LIMIT) return false;
    return top >= 0 && left >= 0 && top < LIMIT && left < LIMIT && volume(oh, strideY) < LIMIT && volume(ow, strideX) < LIMIT;
  }
  int64_t inputSize(int images) const { return volume(images, h, w, c); }
  int64_t outputSize(int images) const { return volume(images, oh, ow, c); }
};

/** The part of a window that lies in the image. */
struct Window {
  int top, bottom, left, right;

  INLINE Window(const Pooling &p, int oy, int ox)
      : top(larger(oy * p.strideY - p.top, 0)), bottom(smaller(oy * p.strideY - p.top + p.windowY, p.h)),
        left(larger(ox * p.strideX - p.left, 0)), right(smaller(ox * p.strideX - p.left + p.windowX, p.w)) {}
  int area() const { return (bottom - top) * (right - left); }
};

/** Calls `f(x)` for the offset of every pixel of a window. */
template <class F> INLINE void eachPixel(const Pooling &p, const Window &window, F f) {
  for (int y = window.top; y < window.bottom; y++)
    for (int x = window.left; x < window.right; x++) f(((size_t)y * p.w + x) * p.c);
}

/** Largest of each window of a row of outputs; NaN wins. `x`: the image, `y`: the row. */
inline void maxPoolRow(const Pooling &p, const float *x, float *y, int oy) {
  for (int ox = 0; ox < p.ow; ox++, y += p.c) {
    const Window window(p, oy, ox);
    lanes(p.c, [&](auto kind, int channel) INLINED {
      using V = decltype(kind);
      V best = splat<V>(-__builtin_inff());
      eachPixel(p, window, [&](size_t at) INLINED {
        const V value = load<V>(x + at + channel);
        best = value > best ? value : best;
        best = value == value ? best : value;
      });
      store(y + channel, best);
    });
  }
}

/** Gives each dy of an image to the first largest of its window. */
inline void maxPoolGradient(const Pooling &p, const float *x, const float *dy, float *dx) {
  memset(dx, 0, (size_t)p.h * p.w * p.c * sizeof(float));
  for (int oy = 0; oy < p.oh; oy++)
    for (int ox = 0; ox < p.ow; ox++, dy += p.c) {
      const Window window(p, oy, ox);
      if (window.top >= window.bottom || window.left >= window.right) continue;  // padding alone
      lanes(p.c, [&](auto kind, int channel) INLINED {
        using V = decltype(kind);
        // Which pixel is the largest, as a number that counts the pixels.
        V best = splat<V>(-__builtin_inff()), winner{}, number{};
        eachPixel(p, window, [&](size_t at) INLINED {
          const V value = load<V>(x + at + channel);
          winner = value > best ? number : winner;
          best = value > best ? value : best;
          number += splat<V>(1);
        });
        const V gradient = load<V>(dy + channel);
        number = V{};
        eachPixel(p, window, [&](size_t at) INLINED {
          float *to = dx + at + channel;
          store(to, load<V>(to) + (winner == number ? gradient : V{}));
          number += splat<V>(1);
        });
      });
    }
}

/** Mean of what lies in the image of each window of a row of outputs. */
inline void averagePoolRow(const Pooling &p, const float *x, float *y, int oy) {
  for (int ox = 0; ox < p.ow; ox++, y += p.c) {
    const Window window(p, oy, ox);
    const float factor = 1 / (float)window.area();
    lanes(p.c, [&](auto kind, int channel) INLINED {
      using V = decltype(kind);
      V sum{};
      eachPixel(p, window, [&](size_t at) INLINED { sum += load<V>(x + at + channel); });
      store(y + channel, sum * splat<V>(factor));
    });
  }
}

/** Spreads dy / (window area) of an image over each window, what lies outside included. */
inline void averagePoolGradient(const Pooling &p, const float *dy, float *dx) {
  const float factor = 1 / ((float)p.windowY * (float)p.windowX);
  memset(dx, 0, (size_t)p.h * p.w * p.c * sizeof(float));
  for (int oy = 0; oy < p.oh; oy++)
    for (int ox = 0; ox < p.ow; ox++, dy += p.c) {
      const Window window(p, oy, ox);
      lanes(p.c, [&](auto kind, int channel) INLINED {
        using V = decltype(kind);
        const V gradient = load<V>(dy + channel) * splat<V>(factor);
        eachPixel(p, window, [&](size_t at) INLINED {
          float *to = dx + at + channel;
          store(to, load<V>(to) + gradient);
        });
      });
    }
}

/** Σ over the middle axis of [middle][channels], times a factor. */
inline void spatialSum(const float *x, float *y, int middle, int channels, float factor) {
  lanes(channels, [&](auto kind, int channel) INLINED {
    using V = decltype(kind);
    V sum{};
    for (int i = 0; i < middle; i++) sum += load<V>(x + (size_t)i * channels + channel);
    store(y + channel, sum * splat<V>(factor));
  });
}

}  // namespace RESNET_LEVEL
