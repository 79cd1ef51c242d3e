// Element by element: values `from` … `to` of tensors of equal size.
#pragma once

#include "vector.hpp"

namespace RESNET_LEVEL {

/** Calls `f(V{}, at)` for the values `from` … `to`, 64 bytes at a time and then narrower. */
template <class F> INLINE void eachValue(int from, int to, F f) { lanes(to, f, from); }

/** y = max(x, 0). */
inline void reluForward(const float *x, float *y, int from, int to) {
  eachValue(from, to, [&](auto kind, int i) INLINED { store(y + i, relu(load<decltype(kind)>(x + i))); });
}

/** dx = y > 0 ? dy : 0. */
inline void reluGradient(const float *dy, const float *y, float *dx, int from, int to) {
  eachValue(from, to, [&](auto kind, int i) INLINED {
    using V = decltype(kind);
    store(dx + i, where(load<V>(y + i), load<V>(dy + i)));
  });
}

/** One parameter's step of SGD: g += decay·w; v = momentum·v + g; w −= rate·(nesterov ? g + momentum·v : v). */
inline void updateParameter(
    const float *w, const float *g, const float *v, float *nextW, float *nextV, int size, float rate, float momentum, bool nesterov, float decay) {
  eachValue(0, size, [&](auto kind, int i) INLINED {
    using V = decltype(kind);
    const V weight = load<V>(w + i), gradient = load<V>(g + i) + splat<V>(decay) * weight;
    const V velocity = splat<V>(momentum) * load<V>(v + i) + gradient;
    const V direction = nesterov ? gradient + splat<V>(momentum) * velocity : velocity;
    store(nextV + i, velocity);
    store(nextW + i, weight - splat<V>(rate) * direction);
  });
}

}  // namespace RESNET_LEVEL
