// The three passes of a 3×3 stride-1 convolution in the transformed domain. NHWC, any size, padding up to 2, any channels. A strip is one row of
// tiles of one image; a block is some strips that are transformed and multiplied together. Of the 36 planes of a block, V (inputs) is in groups;
// M (outputs), dM (output gradients), U (filters) and dU are in panels, see gemm.hpp.
#pragma once

#include "contract.h"
#include "gemm.hpp"
#include "memory.hpp"
#include "winograd-transforms.hpp"

namespace RESNET_LEVEL {

using resnet::InputMode;
using resnet::OutputMode;
using resnet::volume;

/** Floats between two of 36 planes of `size`: a line more, so that not all planes fall into the same sets of the cache. */
INLINE size_t planeStep(size_t size) { return size + 16; }

/** A tensor as a pass reads it: as it is, relu(a·x + b), or a·x + b·other + c with factors by channel. */
struct Input {
  InputMode mode;
  const float *x, *factors, *other;
  int channels;

  int gap() const { return up(channels, 4); }
};

template <InputMode MODE, class V> struct Reader {
  const float *x, *other;
  V a, b, c;

  INLINE Reader(const Input &input, int channel) : x(input.x + channel), other(MODE == InputMode::NormGradient ? input.other + channel : nullptr) {
    const float *factors = input.factors + channel;
    a = MODE == InputMode::Plain ? V{} : load<V>(factors);
    b = MODE == InputMode::Plain ? V{} : load<V>(factors + input.gap());
    c = MODE == InputMode::NormGradient ? load<V>(factors + 2 * input.gap()) : V{};
  }

  INLINE V operator()(size_t at) const {
    const V v = load<V>(x + at);
    if constexpr (MODE == InputMode::Relu) return relu(v * a + b);
    else if constexpr (MODE == InputMode::NormGradient) return v * a + (load<V>(other + at) * b + c);
    else return v;
  }
};

template <InputMode MODE> struct Constant { static constexpr InputMode value = MODE; };

/** Calls `f` with the mode as a constant. */
template <class F> INLINE void withMode(InputMode mode, F f) {
  if (mode == InputMode::Plain) f(Constant<InputMode::Plain>{});
  else if (mode == InputMode::Relu) f(Constant<InputMode::Relu>{});
  else f(Constant<InputMode::NormGradient>{});
}

/** Sizes of a convolution and how its strips come in blocks. */
struct Tiling {
  int h, w, c, oh, ow, k, top, left, perBlock, strips;

  int tileRows() const { return parts(oh, 4); }
  int tileColumns() const { return parts(ow, 4); }
  int images() const { return strips / tileRows(); }
  int blocks() const { return parts(strips, perBlock); }
  int blockEnd(int block) const { return smaller((block + 1) * perBlock, strips); }
  int tiles(int block) const { return (blockEnd(block) - block * perBlock) * tileColumns(); }
  int columns() const { return up(k, 8); }
  /** Values of each output channel in a block. */
  int values(int block) const {
    int rows = 0;
    for (int index = block * perBlock; index < blockEnd(block); index++) rows += smaller(4, oh - index % tileRows() * 4);
    return rows * ow;
  }
  /** Whether all blocks but the last have the same number of values, as sums by block need. */
  bool hasEvenBlocks() const { return oh % 4 == 0 || perBlock % tileRows() == 0; }
  size_t filterPlane() const { return planeStep((size_t)c * columns()); }
  size_t inputPlane(int channels, int tiles) const { return planeStep((size_t)up(channels, WIDTH) * tiles); }
  size_t outputPlane(int channels, int tiles) const { return planeStep((size_t)up(channels, 8) * tiles); }
  size_t inputPlane() const { return inputPlane(c, perBlock * tileColumns()); }
  size_t outputPlane() const { return outputPlane(k, perBlock * tileColumns()); }
  int64_t inputSize() const { return volume(images(), h, w, c); }
  int64_t outputSize() const { return volume(images(), oh, ow, k); }
  int64_t filterSize() const { return 36 * (volume(c, columns()) + 16); }

  /** Whether the numbers are those of a convolution. */
  bool valid() const {
    constexpr int LIMIT = 1 << 24;
    for (const int size : {h, w, c, oh, ow, k, perBlock, strips})
      if (size < 1 || size > LIMIT) return false;
    return top >= 0 && top <= 2 && left >= 0 && left <= 2 && strips % tileRows() == 0 && volume(perBlock, tileColumns()) < LIMIT;
  }
};

/** Some channels. */
struct Channels {
  int first, count;
};

/** Of a strip: its image, the first row of its tiles, and where they begin in the block. */
struct Strip {
  int image, row, tile;
};

INLINE Strip stripOf(const Tiling &t, int block, int index) {
  const int image = index / t.tileRows();
  return {image, (index - image * t.tileRows()) * 4, (index - block * t.perBlock) * t.tileColumns()};
}

/** Stores six vectors of each of the rows of a tile to 36 planes. `half` has the columns transformed: [column][row]. */
template <int COLUMNS, class V, class Transform>
INLINE void storeTile(const V (*half)[6], float *to, size_t plane, Transform transform) {
  for (int r = 0; r < 6; r++) {
    V row[COLUMNS], out[6];
    UNROLL for (int j = 0; j < COLUMNS; j++) row[j] = half[j][r];
    transform(row, out);
    UNROLL for (int j = 0; j < 6; j++) store(to + (size_t)(r * 6 + j) * plane, out[j]);
  }
}

/** Where a pass leaves its 36 planes: floats between two of them, and the tiles of each. */
struct Planes {
  float *at;
  size_t step;
  int tiles;
};

/**
 * V of one strip, of some channels, and dM of the same rows if `m` is there: the input of an input gradient is the output gradient that the filter gradient
 * needs.
 */
template <InputMode MODE> void transformInputs(const Tiling &t, const Input &input, Channels channels, Strip strip, Planes v, const Planes *m) {
  const int top = strip.row - t.top, count = t.tileColumns();
  size_t rowAt[6];
  bool inside[6];
  for (int r = 0; r < 6; r++) {
    inside[r] = top + r >= 0 && top + r < t.h;
    rowAt[r] = inside[r] ? ((size_t)strip.image * t.h + top + r) * t.w * t.c : 0;
  }
  lanes(channels.count, [&](auto kind, int channel) {
    using V = decltype(kind);
    const Reader<MODE, V> read(input, channels.first + channel);
    const Panel panel = panelOf(channel, up(channels.count, 8));
    float *to = v.at + groupAt(channel, v.tiles, strip.tile);
    float *gradientTo = m ? m->at + panelRow(panel, m->tiles, strip.tile) + channel - panel.first : nullptr;
    V half[6][6] = {}, gradientHalf[5][6] = {};
    const auto column = [&](int j, int x) INLINED {
      V d[6];
      if (x < 0 || x >= t.w) {
        UNROLL for (int r = 0; r < 6; r++) d[r] = V{};
      } else {
        const size_t at = (size_t)x * t.c;
        UNROLL for (int r = 0; r < 6; r++) d[r] = inside[r] ? read(rowAt[r] + at) : V{};
      }
      transformInput(d, half[j]);
      if (m && j >= 1) {
        const V y[4] = {d[1], d[2], d[3], d[4]};
        transformGradient(y, gradientHalf[j - 1]);
      }
    };
    for (int tile = 0; tile < count; tile++) {
      const int x = tile * 4 - t.left;
      if (tile == 0) {
        column(0, x);
        column(1, x + 1);
      } else {
        UNROLL for (int r = 0; r < 6; r++) { half[0][r] = half[4][r]; half[1][r] = half[5][r]; }
        UNROLL for (int r = 0; r < 6; r++) gradientHalf[0][r] = gradientHalf[4][r];
      }
      for (int j = 2; j < 6; j++) column(j, x + j);
      storeTile<6>(half, to, v.step, [](const V (&row)[6], V (&out)[6]) INLINED { transformInput(row, out); });
      to += WIDTH;
      if (!m) continue;
      storeTile<4>(gradientHalf, gradientTo, m->step, [](const V (&row)[4], V (&out)[6]) INLINED { transformGradient(row, out); });
      gradientTo += panel.columns;
    }
  });
}

/** dM of one strip of output gradients, of some channels. */
template <InputMode MODE> void transformGradients(const Tiling &t, const Input &input, Channels channels, Strip strip, Planes m) {
  const int count = t.tileColumns(), rows = smaller(4, t.oh - strip.row);
  const size_t from = ((size_t)strip.image * t.oh + strip.row) * t.ow * t.k, rowStep = (size_t)t.ow * t.k;
  lanes(channels.count, [&](auto kind, int channel) {
    using V = decltype(kind);
    const Reader<MODE, V> read(input, channels.first + channel);
    const Panel panel = panelOf(channel, up(channels.count, 8));
    float *to = m.at + panelRow(panel, m.tiles, strip.tile) + channel - panel.first;
    for (int tile = 0; tile < count; tile++, to += panel.columns) {
      V half[4][6];
      for (int j = 0; j < 4; j++) {
        const int x = tile * 4 + j;
        V y[4];
        UNROLL for (int r = 0; r < 4; r++) y[r] = x < t.ow && r < rows ? read(from + r * rowStep + (size_t)x * t.k) : V{};
        transformGradient(y, half[j]);
      }
      storeTile<4>(half, to, m.step, [](const V (&row)[4], V (&out)[6]) INLINED { transformGradient(row, out); });
    }
  });
}

/** What is done with the output: everything that a tile needs to be finished. Pointers other than `y` and `sums` may be null. */
struct Output {
  OutputMode mode;
  float *y, *sums;
  const float *factors, *extra, *mask, *x, *mean;
  bool clamp;
};

/** The last step of a tile: one functor for each way, made for a channel and called for each vector of four neighbors. */
template <class V> struct EmitPlain {
  float *y;
  INLINE EmitPlain(const Output &o, const Tiling &, float *, int channel) : y(o.y + channel) {}
  INLINE void operator()(size_t at, V v) { store(y + at, v); }
  INLINE void end() {}
};

template <class V> struct EmitAffine {
  float *y;
  const float *extra;
  V a, b, floor;
  INLINE EmitAffine(const Output &o, const Tiling &t, float *, int channel)
      : y(o.y + channel), extra(o.extra ? o.extra + channel : nullptr), a(splat<V>(1)), b{}, floor(splat<V>(o.clamp ? 0 : -__builtin_inff())) {
    if (!o.factors) return;
    a = load<V>(o.factors + channel);
    b = load<V>(o.factors + up(t.k, 4) + channel);
  }
  INLINE void operator()(size_t at, V v) {
    V value = v * a + b;
    if (extra) value += load<V>(extra + at);
    store(y + at, atLeast(value, floor));
  }
  INLINE void end() {}
};

/** Σ(y − s) and Σ(y − s)²; s, the third of the sums, is a value of the channel, so that nothing cancels. */
template <class V> struct EmitStatistics {
  float *y, *sums;
  int gap;
  V s1, s2, shift;
  INLINE EmitStatistics(const Output &o, const Tiling &t, float *own, int channel)
      : y(o.y + channel), sums(own + channel), gap(up(t.k, 4)), s1(load<V>(sums)), s2(load<V>(sums + gap)), shift(load<V>(sums + 2 * gap)) {}
  INLINE void operator()(size_t at, V v) {
    store(y + at, v);
    const V e = v - shift;
    s1 += e;
    s2 += e * e;
  }
  INLINE void end() {
    store(sums, s1);
    store(sums + gap, s2);
  }
};

/**
 * An input gradient that passes the relu and the normalization before it: adds what came by the shortcut, keeps what the relu let through (told by its
 * output, or by the normalization of `x`), and sums Σg and Σg·(x − mean).
 */
template <class V, bool EXTRA, bool BY_OUTPUT> struct EmitGradient {
  float *y, *sums;
  const float *extra, *mask, *x;
  int gap;
  V s1, s2, mean, a, b;
  INLINE EmitGradient(const Output &o, const Tiling &t, float *own, int channel)
      : y(o.y + channel), sums(own + channel), extra(EXTRA ? o.extra + channel : nullptr), mask(BY_OUTPUT ? o.mask + channel : nullptr),
        x(o.x + channel), gap(up(t.k, 4)), s1(load<V>(sums)), s2(load<V>(sums + gap)), mean(load<V>(o.mean + channel)), a{}, b{} {
    if constexpr (BY_OUTPUT) return;
    a = load<V>(o.factors + channel);
    b = load<V>(o.factors + gap + channel);
  }
  INLINE void operator()(size_t at, V v) {
    const V whole = EXTRA ? v + load<V>(extra + at) : v, input = load<V>(x + at);
    const V g = where(BY_OUTPUT ? load<V>(mask + at) : input * a + b, whole);
    store(y + at, g);
    s1 += g;
    s2 += g * (input - mean);
  }
  INLINE void end() {
    store(sums, s1);
    store(sums + gap, s2);
  }
};
template <class V> using EmitGradientPlain = EmitGradient<V, false, false>;
template <class V> using EmitGradientByOutput = EmitGradient<V, false, true>;
template <class V> using EmitGradientExtra = EmitGradient<V, true, false>;
template <class V> using EmitGradientExtraByOutput = EmitGradient<V, true, true>;

/** The 4×4 outputs of a tile. */
template <class V> INLINE void outputTile(const float *m, size_t plane, V (&out)[4][4]) {
  V half[6][4];
  UNROLL for (int j = 0; j < 6; j++) {
    V column[6];
    UNROLL for (int r = 0; r < 6; r++) column[r] = load<V>(m + (size_t)(r * 6 + j) * plane);
    transformOutput(column, half[j]);
  }
  UNROLL for (int r = 0; r < 4; r++) {
    const V row[6] = {half[0][r], half[1][r], half[2][r], half[3][r], half[4][r], half[5][r]};
    transformOutput(row, out[r]);
  }
}

/** y of one strip from M, by an `Emit`. */
template <template <class> class Emit> void transformOutputs(const Tiling &t, const Output &o, Strip strip, int tiles, const float *m, float *sums) {
  const int rows = smaller(4, t.oh - strip.row), count = t.tileColumns();
  const size_t plane = t.outputPlane(), rowStep = (size_t)t.ow * t.k, from = ((size_t)strip.image * t.oh + strip.row) * rowStep;
  lanes(t.k, [&](auto kind, int channel) {
    using V = decltype(kind);
    const Panel panel = panelOf(channel, t.columns());
    const float *tile = m + panelRow(panel, tiles, strip.tile) + channel - panel.first;
    Emit<V> emit(o, t, sums, channel);
    for (int i = 0; i < count; i++, tile += panel.columns) {
      V out[4][4];
      outputTile(tile, plane, out);
      const size_t at = from + (size_t)(i * 4) * t.k;
      const int columns = smaller(4, t.ow - i * 4);
      if (rows == 4 && columns == 4) {
        UNROLL for (int r = 0; r < 4; r++)
          UNROLL for (int j = 0; j < 4; j++) emit(at + r * rowStep + (size_t)j * t.k, out[r][j]);
      } else {
        for (int r = 0; r < rows; r++)
          for (int j = 0; j < columns; j++) emit(at + r * rowStep + (size_t)j * t.k, out[r][j]);
      }
    }
    emit.end();
  });
}

using OutputStep = void (*)(const Tiling &, const Output &, Strip, int, const float *, float *);

INLINE OutputStep outputStep(const Output &o) {
  switch (o.mode) {
    case OutputMode::Plain: return transformOutputs<EmitPlain>;
    case OutputMode::Affine: return transformOutputs<EmitAffine>;
    case OutputMode::Statistics: return transformOutputs<EmitStatistics>;
    default: break;
  }
  if (o.extra) return o.mask ? transformOutputs<EmitGradientExtraByOutput> : transformOutputs<EmitGradientExtra>;
  return o.mask ? transformOutputs<EmitGradientByOutput> : transformOutputs<EmitGradientPlain>;
}

/** Begins the sums of a block: zeros, and for statistics a value of each channel. */
INLINE void beginSums(const Tiling &t, const Output &o, int tiles, const float *m, float *sums) {
  const int gap = up(t.k, 4);
  memset(sums, 0, 2 * gap * sizeof(float));
  if (o.mode != OutputMode::Statistics) return;
  lanes(t.k, [&](auto kind, int channel) {
    using V = decltype(kind);
    const Panel panel = panelOf(channel, t.columns());
    V out[4][4];
    outputTile(m + panelRow(panel, tiles, 0) + channel - panel.first, t.outputPlane(), out);
    store(sums + 2 * gap + channel, out[0][0]);
  });
}

/** Sums about a value to mean and sum of squared deviations. */
INLINE void endStatistics(const Tiling &t, float *sums, int values) {
  const int gap = up(t.k, 4);
  lanes(t.k, [&](auto kind, int channel) {
    using V = decltype(kind);
    const V s1 = load<V>(sums + channel), mean = s1 * splat<V>(1 / (float)values);
    store(sums + gap + channel, load<V>(sums + gap + channel) - s1 * mean);
    store(sums + channel, mean + load<V>(sums + 2 * gap + channel));
  });
}

/** y of one block. `gradients`: where dM of the input goes, or null. `v` and `m`: 36 planes each. */
inline void convolveBlock(const Tiling &t, const Input &input, const float *u, const Output &output, int block, float *v, float *m, const Planes *gradients) {
  const int tiles = t.tiles(block), end = t.blockEnd(block);
  withMode(input.mode, [&](auto mode) {
    for (int index = block * t.perBlock; index < end; index++)
      transformInputs<decltype(mode)::value>(t, input, {0, t.c}, stripOf(t, block, index), {v, t.inputPlane(), tiles}, gradients);
  });
  for (int i = 0; i < 36; i++)
    multiply(v + i * t.inputPlane(), tiles, u + i * t.filterPlane(), m + i * t.outputPlane(), tiles, t.c, t.columns());
  const bool summed = output.mode == OutputMode::Statistics || output.mode == OutputMode::Gradient;
  float *sums = summed ? output.sums + (size_t)block * 3 * up(t.k, 4) : nullptr;
  if (summed) beginSums(t, output, tiles, m, sums);
  const OutputStep step = outputStep(output);
  for (int index = block * t.perBlock; index < end; index++) step(t, output, stripOf(t, block, index), tiles, m, sums);
  if (output.mode == OutputMode::Statistics) endStatistics(t, sums, t.values(block));
}

/** Part of a filter gradient on its way: dU of some channels, summed over strips. */
struct FilterSlice {
  Channels inputs, outputs;
  float *v, *m, *du;

  size_t step() const { return planeStep((size_t)inputs.count * up(outputs.count, 8)); }
};

/** du = Vᵀ·dM of the strips `from` … `to`, at most a block, or du += that. `m` has dM already if `dy` is null. */
inline void addFilter(const Tiling &t, const Input &x, const Input *dy, const FilterSlice &slice, int from, int to, bool add) {
  const int columns = t.tileColumns(), tiles = (to - from) * columns;
  const Planes v{slice.v, t.inputPlane(slice.inputs.count, tiles), tiles}, m{slice.m, t.outputPlane(slice.outputs.count, tiles), tiles};
  const auto strip = [&](int index) {
    const int image = index / t.tileRows();
    return Strip{image, (index - image * t.tileRows()) * 4, (index - from) * columns};
  };
  withMode(x.mode, [&](auto mode) {
    for (int index = from; index < to; index++) transformInputs<decltype(mode)::value>(t, x, slice.inputs, strip(index), v, nullptr);
  });
  if (dy)
    withMode(dy->mode, [&](auto mode) {
      for (int index = from; index < to; index++) transformGradients<decltype(mode)::value>(t, *dy, slice.outputs, strip(index), m);
    });
  for (int i = 0; i < 36; i++) {
    float *du = slice.du + i * slice.step();
    if (add) multiplyTransposed<true>(v.at + i * v.step, m.at + i * m.step, tiles, du, tiles, slice.inputs.count, up(slice.outputs.count, 8));
    else multiplyTransposed<false>(v.at + i * v.step, m.at + i * m.step, tiles, du, tiles, slice.inputs.count, up(slice.outputs.count, 8));
  }
}

/** dw = Gᵀ·dU·G of a slice, to its place in `[3][3][inputs][outputs]`. */
inline void finishFilter(const Tiling &t, const FilterSlice &slice, float *dw) {
  for (int c = 0; c < slice.inputs.count; c++)
    lanes(slice.outputs.count, [&](auto kind, int k) {
      using V = decltype(kind);
      const Panel panel = panelOf(k, up(slice.outputs.count, 8));
      const float *from = slice.du + panelRow(panel, slice.inputs.count, c) + k - panel.first;
      V half[6][3];
      for (int s = 0; s < 6; s++) {
        V column[6];
        UNROLL for (int r = 0; r < 6; r++) column[r] = load<V>(from + (r * 6 + s) * slice.step());
        transformFilterGradient(column, half[s]);
      }
      for (int r = 0; r < 3; r++) {
        const V row[6] = {half[0][r], half[1][r], half[2][r], half[3][r], half[4][r], half[5][r]};
        V out[3];
        transformFilterGradient(row, out);
        for (int j = 0; j < 3; j++)
          store(dw + ((size_t)(r * 3 + j) * t.c + slice.inputs.first + c) * t.k + slice.outputs.first + k, out[j]);
      }
    });
}

/** U = G·w·Gᵀ for eight output channels from `first`. `flipped`: turned by half a turn, the channels in exchanged roles. */
inline void transformFilters(const float *w, float *u, int inputs, int outputs, bool flipped, int first) {
  const size_t strideIn = flipped ? 1 : outputs, strideOut = flipped ? inputs : 1, tap = (size_t)inputs * outputs;
  const size_t plane = planeStep((size_t)inputs * up(outputs, 8));
  const Panel panel = panelOf(first, up(outputs, 8));
  const int count = smaller(8, outputs - first);
  using V = Vector<WIDTH == 4 ? 4 : 8>;
  constexpr int N = LANES<V>;
  for (int c = 0; c < inputs; c++) {
    float *to = u + panelRow(panel, inputs, c) + first - panel.first;
    float taps[9][8] = {};
    for (int i = 0; i < 9; i++) {
      const float *from = w + (flipped ? 8 - i : i) * tap + c * strideIn + first * strideOut;
      for (int lane = 0; lane < count; lane++) taps[i][lane] = from[lane * strideOut];
    }
    for (int lane = 0; lane < 8; lane += N) {
      V half[3][6];
      UNROLL for (int s = 0; s < 3; s++) {
        const V column[3] = {load<V>(taps[s] + lane), load<V>(taps[3 + s] + lane), load<V>(taps[6 + s] + lane)};
        transformFilter(column, half[s]);
      }
      for (int r = 0; r < 6; r++) {
        const V row[3] = {half[0][r], half[1][r], half[2][r]};
        V out[6];
        transformFilter(row, out);
        UNROLL for (int j = 0; j < 6; j++) store(to + lane + (r * 6 + j) * plane, out[j]);
      }
    }
  }
}

}  // namespace RESNET_LEVEL
