// Vectors of floats. Every kernel is written once, over a vector type; each level compiles it with its own width and into its own namespace, so
// that no function compiled for one instruction set can be linked into another.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <initializer_list>

#ifndef RESNET_LEVEL
#error "RESNET_LEVEL must name the level: avx2, avx512, neon"
#endif

#define INLINED __attribute__((always_inline))  // of lambdas, behind their parameters
#define INLINE inline INLINED
#ifdef __clang__
#define UNROLL _Pragma("clang loop unroll(full)")
#else
#define UNROLL _Pragma("GCC unroll 32")
#endif

namespace RESNET_LEVEL {

/** Floats in the widest vector. */
constexpr int WIDTH = RESNET_WIDTH;

namespace detail {
template <int N> struct Of { typedef float type __attribute__((vector_size(N * 4))); };
template <> struct Of<1> { typedef float type; };
}  // namespace detail

/** `N` floats; one is a plain float. */
template <int N> using Vector = typename detail::Of<N>::type;
using Wide = Vector<WIDTH>;
template <class V> constexpr int LANES = sizeof(V) / 4;

template <class V> INLINE V load(const float *from) {
  V v;
  memcpy(&v, from, sizeof v);
  return v;
}

template <class V> INLINE void store(float *to, V v) { memcpy(to, &v, sizeof v); }

template <class V> INLINE V splat(float x) {
  static_assert(LANES<V> == 16 || LANES<V> == 8 || LANES<V> == 4 || LANES<V> == 1);
  if constexpr (LANES<V> == 16) return V{x, x, x, x, x, x, x, x, x, x, x, x, x, x, x, x};
  else if constexpr (LANES<V> == 8) return V{x, x, x, x, x, x, x, x};
  else if constexpr (LANES<V> == 4) return V{x, x, x, x};
  else return x;
}

/** `max(x, floor)` that keeps NaN. */
template <class V> INLINE V atLeast(V x, V floor) { return x < floor ? floor : x; }
template <class V> INLINE V relu(V x) { return atLeast(x, V{}); }
/** `value` where `gate` is above zero, else zero. */
template <class V> INLINE V where(V gate, V value) { return gate > V{} ? value : V{}; }

/**
 * Calls `f(V{}, at)` for consecutive groups of `count` lanes: as wide as they fit, then narrower. What a lane computes must not depend on the
 * others.
 */
template <int N = WIDTH, class F> INLINE void lanes(int count, F f, int at = 0) {
  for (; at + N <= count; at += N) f(Vector<N>{}, at);
  if constexpr (N > 1) lanes<(N > 8 ? 8 : 1)>(count, f, at);
}

/** A number that templates take as an argument. */
template <int VALUE> struct Number { static constexpr int value = VALUE; };

template <class T> INLINE T smaller(T a, T b) { return b < a ? b : a; }
template <class T> INLINE T larger(T a, T b) { return a < b ? b : a; }
/** `value` rounded up; sizes that are not checked yet may be anything. */
INLINE int up(int value, int multiple) { return (int)smaller<int64_t>(((int64_t)value + multiple - 1) / multiple * multiple, INT32_MAX); }
/** How many of `each` make up `total`. */
INLINE int parts(int total, int each) { return (int)(((int64_t)total + each - 1) / each); }

}  // namespace RESNET_LEVEL
