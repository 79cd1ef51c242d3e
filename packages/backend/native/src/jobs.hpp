// The jobs of the contract that this level does: each is made from its arguments, checks once that all it may touch lies in the shared memory, and
// then does any of its chunks.
#pragma once

#include "contract.h"
#include "memory.hpp"
#include "norm.hpp"
#include "pointwise.hpp"
#include "pooling.hpp"
#include "product.hpp"
#include "winograd.hpp"

namespace RESNET_LEVEL {

using resnet::Memory;

/** A job with these arguments: `Plan(arguments, memory, chunks)`, `scratch` in floats, and a call for each chunk. */
template <class Arguments> struct Plan;

/** The number of values by channel, padded to a multiple of four. */
INLINE int64_t byChannel(int sets, int channels) { return volume(sets, up(channels, 4)); }

// Winograd

INLINE Tiling tilingOf(const resnet::WinogradPass &p) {
  return {p.height, p.width, p.inputs, p.outHeight, p.outWidth, p.outputs, p.padTop, p.padLeft, p.stripsPerBlock, p.strips};
}

/** An input that `mode` says how to read, its factors and its other tensor there where they must be. */
INLINE Input inputOf(Memory &memory, int mode, uint32_t x, uint32_t factors, uint32_t other, int channels, int64_t size) {
  memory.require(mode >= 0 && mode <= 2);
  const InputMode kind = (InputMode)mode;
  return {
      kind,
      memory.floats(x, size),
      kind == InputMode::Plain ? nullptr : memory.floats(factors, byChannel(kind == InputMode::Relu ? 2 : 3, channels)),
      kind == InputMode::NormGradient ? memory.floats(other, size) : nullptr,
      channels,
  };
}

/** A valid tiling, or one of a single pixel where the arguments are refused, so that what follows has numbers to go on. */
INLINE Tiling checked(Memory &memory, const Tiling &t) {
  memory.require(t.valid());
  return t.valid() ? t : Tiling{1, 1, 1, 1, 1, 1, 1, 1, 1, 1};
}

/** The first members of all passes are those of `WinogradPass`. */
template <class Pass> INLINE const resnet::WinogradPass &passOf(const Pass &pass) {
  static_assert(offsetof(Pass, x) == 0 && offsetof(Pass, inputOther) == offsetof(resnet::WinogradPass, inputOther));
  return reinterpret_cast<const resnet::WinogradPass &>(pass);
}

struct Forward {
  Tiling tiling;
  Input input;
  const float *filter;
  Output output;

  Forward(const resnet::WinogradForward &a, Memory &memory)
      : tiling(checked(memory, tilingOf(passOf(a)))),
        input(inputOf(memory, a.inputMode, a.x, a.inputFactors, a.inputOther, tiling.c, tiling.inputSize())),
        filter(memory.floats(a.filter, tiling.filterSize())),
        output(outputOf(a, memory)) {}

  size_t floats() const { return 36 * (tiling.inputPlane() + tiling.outputPlane()); }

 private:
  Output outputOf(const resnet::WinogradForward &a, Memory &memory) const {
    const int64_t size = tiling.outputSize();
    const OutputMode mode = (OutputMode)a.outputMode;
    memory.require(a.outputMode >= 0 && a.outputMode <= 3);
    Output o{mode, memory.floats(a.y, size), nullptr, nullptr, nullptr, nullptr, nullptr, nullptr, a.relu != 0};
    if (mode == OutputMode::Affine) o.factors = memory.optional(a.outputFactors, byChannel(2, tiling.k));
    if (mode == OutputMode::Affine || mode == OutputMode::Gradient) o.extra = memory.optional(a.extra, size);
    if (mode == OutputMode::Statistics || mode == OutputMode::Gradient) {
      memory.require(tiling.hasEvenBlocks());
      o.sums = memory.floats(a.parts, volume(tiling.blocks(), byChannel(3, tiling.k)));
    }
    if (mode == OutputMode::Gradient) {
      o.mask = memory.optional(a.mask, size);
      o.factors = o.mask ? nullptr : memory.floats(a.outputFactors, byChannel(2, tiling.k));
      o.x = memory.floats(a.normalized, size);
      o.mean = memory.floats(a.mean, tiling.k);
    }
    return o;
  }
};

struct FilterGradient {
  Tiling tiling;
  Input x, dy;
  float *partials;
  int perChunk, inputs, outputs;

  FilterGradient(const resnet::WinogradFilterGradient &a, Memory &memory, int chunks)
      : tiling(checked(memory, tilingOf(passOf(a)))),
        x(inputOf(memory, a.inputMode, a.x, a.inputFactors, a.inputOther, tiling.c, tiling.inputSize())),
        dy(inputOf(memory, a.gradientMode, a.dy, a.gradientFactors, a.gradientOther, tiling.k, tiling.outputSize())),
        perChunk(larger(1, a.blocksPerChunk)), inputs(clamped(a.inputsPerSlice, tiling.c)), outputs(clamped(a.outputsPerSlice, tiling.k)) {
    partials = memory.floats(a.partials, volume(count(), size()));
    memory.require(a.blocksPerChunk > 0 && chunks == (int64_t)count() * slices());
    memory.require(inputs == a.inputsPerSlice && outputs == a.outputsPerSlice && (inputs % 8 == 0 || inputs == tiling.c) && (outputs % 8 == 0 || outputs == tiling.k));
  }

  /** Partial results, which blocks are divided among, and slices of the channels. */
  int count() const { return parts(tiling.blocks(), perChunk); }
  int64_t slices() const { return (int64_t)parts(tiling.c, inputs) * parts(tiling.k, outputs); }
  int64_t size() const { return volume(9, tiling.c, tiling.k); }
  int tiles() const { return tiling.perBlock * tiling.tileColumns(); }
  size_t planes() const { return 36 * (tiling.inputPlane(inputs, tiles()) + tiling.outputPlane(outputs, tiles()) + planeStep((size_t)inputs * up(outputs, 8))); }

  /** What a chunk does, with its room. */
  FilterSlice slice(int chunk, float *room) const {
    const int index = chunk / count(), first = index % parts(tiling.c, inputs) * inputs, column = index / parts(tiling.c, inputs) * outputs;
    float *m = room + 36 * tiling.inputPlane(inputs, tiles());
    return {{first, smaller(inputs, tiling.c - first)}, {column, smaller(outputs, tiling.k - column)}, room, m, m + 36 * tiling.outputPlane(outputs, tiles())};
  }
  float *partial(int chunk) const { return partials + chunk % count() * size(); }
  int firstBlock(int chunk) const { return chunk % count() * perChunk; }
  int lastBlock(int chunk) const { return smaller(firstBlock(chunk) + perChunk, tiling.blocks()); }

 private:
  static int clamped(int value, int most) { return value < 1 ? 1 : smaller(value, most); }
};

template <> struct Plan<resnet::WinogradForward> : Forward {
  const size_t scratch;

  Plan(const resnet::WinogradForward &a, Memory &memory, int chunks) : Forward(a, memory), scratch(floats()) {
    memory.require(chunks == tiling.blocks());
  }
  void operator()(int chunk, float *v) const {
    convolveBlock(tiling, input, filter, output, chunk, v, v + 36 * tiling.inputPlane(), nullptr);
  }
};

template <> struct Plan<resnet::WinogradFilterGradient> : FilterGradient {
  const size_t scratch;

  Plan(const resnet::WinogradFilterGradient &a, Memory &memory, int chunks) : FilterGradient(a, memory, chunks), scratch(planes()) {}
  void operator()(int chunk, float *room) const {
    const FilterSlice own = slice(chunk, room);
    for (int block = firstBlock(chunk); block < lastBlock(chunk); block++)
      addFilter(tiling, x, &dy, own, block * tiling.perBlock, tiling.blockEnd(block), block > firstBlock(chunk));
    finishFilter(tiling, own, partial(chunk));
  }
};

template <> struct Plan<resnet::WinogradBackward> {
  const Forward input;
  const FilterGradient filter;
  /** Whether the output gradient is the same for both, tile by tile, and is transformed once for both. */
  const bool shared;
  const size_t scratch;

  Plan(const resnet::WinogradBackward &a, Memory &memory, int chunks)
      : input(a.input, memory), filter(a.filter, memory, chunks), shared(isShared()), scratch(input.floats() + filter.planes()) {
    memory.require(input.tiling.blocks() == filter.tiling.blocks() && filter.slices() == 1);
  }
  void operator()(int chunk, float *room) const {
    float *v = room + filter.planes();
    const FilterSlice own = filter.slice(chunk, room);
    const Tiling &t = filter.tiling;
    for (int block = filter.firstBlock(chunk); block < filter.lastBlock(chunk); block++) {
      const int tiles = t.tiles(block);
      const Planes m{own.m, t.outputPlane(own.outputs.count, tiles), tiles};
      convolveBlock(input.tiling, input.input, input.filter, input.output, block, v, v + 36 * input.tiling.inputPlane(), shared ? &m : nullptr);
      addFilter(t, filter.x, shared ? nullptr : &filter.dy, own, block * t.perBlock, t.blockEnd(block), block > filter.firstBlock(chunk));
    }
    finishFilter(t, own, filter.partial(chunk));
  }

 private:
  bool isShared() const {
    const Tiling &a = input.tiling, &b = filter.tiling;
    return a.top == 1 && a.left == 1 && a.h == b.oh && a.w == b.ow && a.oh == b.oh && a.ow == b.ow && a.c == b.k && a.perBlock == b.perBlock &&
           a.strips == b.strips && input.input.x == filter.dy.x && input.input.mode == filter.dy.mode;
  }
};

template <> struct Plan<resnet::WinogradFilterTransform> {
  const int inputs, outputs;
  const bool flipped;
  const float *filter;
  float *transformed;
  const size_t scratch = 0;

  Plan(const resnet::WinogradFilterTransform &a, Memory &memory, int chunks)
      : inputs(a.inputs), outputs(a.outputs), flipped(a.flipped), filter(memory.floats(a.filter, volume(9, inputs, outputs))),
        transformed(memory.floats(a.transformed, 36 * (volume(inputs, up(outputs, 8)) + 16))) {
    memory.require(inputs > 0 && outputs > 0 && chunks == parts(outputs, 8));
  }
  void operator()(int chunk, float *) const { transformFilters(filter, transformed, inputs, outputs, flipped, chunk * 8); }
};

/** dW `[depth][columns]` from `count` partial results of the same layout. */
struct SumPlan {
  const int count, depth, columns;
  const float *partials;
  float *gradient;
  const size_t scratch = 0;

  SumPlan(int count, int64_t depth, int columns, uint32_t partials, uint32_t gradient, Memory &memory)
      : count(count), depth((int)smaller<int64_t>(depth, 1 << 30)), columns(columns), partials(memory.floats(partials, volume(count, depth, columns))),
        gradient(memory.floats(gradient, volume(depth, columns))) {
    memory.require(count > 0 && depth > 0 && depth < 1 << 30 && columns > 0);
  }
  void row(int row) const {
    const size_t at = (size_t)row * columns;
    sumPartials(partials + at, gradient + at, count, (size_t)depth * columns, columns);
  }
};

template <> struct Plan<resnet::WinogradFilterGradientFinish> : SumPlan {
  const int inputs;

  Plan(const resnet::WinogradFilterGradientFinish &a, Memory &memory, int chunks)
      : SumPlan(a.count, volume(9, a.inputs), a.outputs, a.partials, a.gradient, memory), inputs(a.inputs) {
    memory.require(inputs > 0 && chunks == parts(inputs, 4));
  }
  void operator()(int chunk, float *) const {
    for (int tap = 0; tap < 9; tap++)
      for (int c = chunk * 4; c < smaller(inputs, chunk * 4 + 4); c++) row(tap * inputs + c);
  }
};

// Products

/** Whether two lists of taps fit into the arguments. */
template <class A> INLINE bool tapsFit(const A &a) {
  constexpr int CAPACITY = sizeof a.taps / sizeof a.taps[0];
  return a.tapRows >= 0 && a.tapColumns >= 0 && a.tapRows <= CAPACITY && a.tapColumns <= CAPACITY - a.tapRows;
}

/** Rows to multiply and how they come in blocks. */
struct Blocks {
  Gather gather;
  int rows;

  template <class A> Blocks(const A &a, Memory &memory)
      : gather{nullptr, a.height, a.width, a.channels, a.gridHeight, a.gridWidth, a.strideY, a.strideX, a.positions, a.tapRows, a.tapColumns,
               a.taps, a.taps + (tapsFit(a) ? a.tapRows : 0)},
        rows(a.rowsPerBlock) {
    memory.require(tapsFit(a) && gather.valid() && rows > 0 && rows < 1 << 16);
    if (!memory.valid()) gather = {nullptr, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0, nullptr, nullptr}, rows = 1;
    for (int i = 0; i < gather.tapsY + gather.tapsX; i++) memory.require(a.taps[i] > -(1 << 24) && a.taps[i] < 1 << 24);
    gather.x = memory.floats(a.source, gather.size());
  }
  int count() const { return parts(gather.positions, rows); }
};

template <> struct Plan<resnet::ImplicitGemm> {
  const resnet::ImplicitGemm arguments;
  const Blocks blocks;
  const Place place;
  const float *packed;
  const size_t scratch;

  Plan(const resnet::ImplicitGemm &a, Memory &memory, int chunks)
      : arguments(a), blocks(arguments, memory), place(placeOf(memory)),
        packed(memory.optional(a.packed, volume(blocks.gather.depth(), up(place.columns, 8)))),
        scratch(productScratch(blocks.rows, blocks.gather.depth(), place.columns)) {
    memory.require(packed && chunks == blocks.count());
  }
  void operator()(int chunk, float *room) const {
    const int first = chunk * blocks.rows;
    multiplyGathered(blocks.gather, packed, place, first, smaller(blocks.rows, blocks.gather.positions - first), room);
  }

 private:
  Place placeOf(Memory &memory) const {
    const resnet::ImplicitGemm &a = arguments;
    Place p{nullptr, nullptr, a.relu != 0, a.columns, a.outHeight, a.outWidth, a.stepY, a.stepX, a.phaseY, a.phaseX};
    memory.require(p.valid(blocks.gather));
    p.y = memory.floats(a.y, volume(blocks.gather.images(), p.height, p.width, p.columns));
    p.bias = memory.optional(a.bias, p.columns);
    if (!memory.valid()) p.columns = 1;
    return p;
  }
};

template <> struct Plan<resnet::ImplicitGemmFilterGradient> {
  const resnet::ImplicitGemmFilterGradient arguments;
  const Blocks blocks;
  const int columns, perChunk, deepSlice, columnSlice;
  const float *dy;
  float *partials;
  const size_t scratch;

  Plan(const resnet::ImplicitGemmFilterGradient &a, Memory &memory, int chunks)
      : arguments(a), blocks(arguments, memory), columns(clamped(a.columns, 1 << 24)), perChunk(clamped(a.blocksPerChunk, 1 << 24)),
        deepSlice(clamped(a.depthPerSlice, larger(1, depth()))), columnSlice(clamped(a.columnsPerSlice, columns)),
        dy(memory.floats(a.dy, volume(blocks.gather.positions, columns))), partials(memory.floats(a.partials, volume(count(), depth(), columns))),
        scratch(filterScratch(blocks.rows, deepSlice, columnSlice)) {
    memory.require(columns == a.columns && perChunk == a.blocksPerChunk && deepSlice == a.depthPerSlice && columnSlice == a.columnsPerSlice && depth() > 0);
    memory.require(chunks == (int64_t)count() * parts(depth(), deepSlice) * parts(columns, columnSlice));
    memory.require(deepSlice == depth() || (blocks.gather.c % 16 == 0 && deepSlice % 16 == 0));
  }
  void operator()(int chunk, float *room) const {
    const int index = chunk / count(), part = chunk % count(), deep = index % parts(depth(), deepSlice) * deepSlice;
    const int column = index / parts(depth(), deepSlice) * columnSlice;
    const int64_t rows = (int64_t)perChunk * blocks.rows, from = part * rows, to = smaller<int64_t>(blocks.gather.positions, from + rows);
    const FilterPart own{{deep, smaller(depth(), deep + deepSlice)}, {column, smaller(columns, column + columnSlice)}, {(int)from, (int)to}};
    multiplyGradients(blocks.gather, dy, columns, partials + part * volume(depth(), columns), own, blocks.rows, room);
  }

 private:
  int depth() const { return blocks.gather.depth(); }
  int count() const { return parts(blocks.count(), perChunk); }
  static int clamped(int value, int most) { return value < 1 ? 1 : smaller(value, most); }
};

template <> struct Plan<resnet::ImplicitGemmFilterGradientFinish> : SumPlan {
  Plan(const resnet::ImplicitGemmFilterGradientFinish &a, Memory &memory, int chunks)
      : SumPlan(a.count, a.depth, a.columns, a.partials, a.gradient, memory) {
    memory.require(chunks == parts(larger(1, a.depth), 4));
  }
  void operator()(int chunk, float *) const {
    for (int i = chunk * 4; i < smaller(depth, chunk * 4 + 4); i++) row(i);
  }
};

template <> struct Plan<resnet::PackFilter> {
  const resnet::PackFilter arguments;
  Weights weights;
  float *packed;
  const size_t scratch = 0;

  Plan(const resnet::PackFilter &a, Memory &memory, int chunks)
      : arguments(a), weights{nullptr, a.channels, a.columns, a.channelStep, a.columnStep, a.tapRows, a.tapColumns, a.tapStep, a.kernelWidth,
                              arguments.taps, arguments.taps + (tapsFit(a) ? a.tapRows : 0)} {
    memory.require(tapsFit(a) && weights.valid());
    if (!memory.valid()) weights.tapsY = weights.tapsX = 0;
    weights.w = memory.floats(a.filter, weights.reach());
    packed = memory.floats(a.packed, volume(weights.depth(), up(a.columns, 8)));
    memory.require(chunks == parts(larger(1, a.columns), 8));
  }
  void operator()(int chunk, float *) const { packWeights(weights, packed, chunk * 8); }
};

// Normalization

/** Rows in blocks: one for each chunk. */
template <class A> INLINE Rows rowsOf(const A &a, int chunk) { return {chunk * a.block, smaller(a.rows, (chunk + 1) * a.block), a.channels}; }

template <class A> INLINE void requireRows(const A &a, Memory &memory, int chunks) {
  memory.require(a.rows > 0 && a.channels > 0 && a.block > 0 && a.rows < 1 << 30 && a.block < 1 << 30 && chunks == parts(a.rows, larger(1, a.block)));
}

template <> struct Plan<resnet::NormStatistics> {
  const resnet::NormStatistics a;
  const float *x;
  float *out;
  const size_t scratch = 0;

  Plan(const resnet::NormStatistics &a, Memory &memory, int chunks)
      : a(a), x(memory.floats(a.x, volume(a.rows, a.channels))), out(memory.floats(a.parts, volume(chunks, byChannel(3, a.channels)))) {
    requireRows(a, memory, chunks);
  }
  void operator()(int chunk, float *) const { sumStatistics(x, out + chunk * byChannel(3, a.channels), rowsOf(a, chunk)); }
};

template <> struct Plan<resnet::NormApply> {
  const resnet::NormApply a;
  const float *x, *factors, *extra;
  float *y;
  const size_t scratch = 0;

  Plan(const resnet::NormApply &a, Memory &memory, int chunks)
      : a(a), x(memory.floats(a.x, size())), factors(memory.floats(a.factors, byChannel(2, a.channels))), extra(memory.optional(a.extra, size())),
        y(memory.floats(a.y, size())) {
    requireRows(a, memory, chunks);
  }
  int64_t size() const { return volume(a.rows, a.channels); }
  void operator()(int chunk, float *) const { applyNorm(x, y, factors, extra, a.relu, rowsOf(a, chunk)); }
};

template <> struct Plan<resnet::NormGradientSums> {
  const resnet::NormGradientSums a;
  const Mask mask;
  const GradientSums sums;
  const size_t scratch = 0;

  Plan(const resnet::NormGradientSums &a, Memory &memory, int chunks) : a(a), mask((Mask)a.mask), sums(sumsOf(memory, chunks)) {
    memory.require(a.mask >= 0 && a.mask <= 2);
    requireRows(a, memory, chunks);
  }
  void operator()(int chunk, float *) const {
    GradientSums own = sums;
    own.sums += chunk * byChannel(3, a.channels);
    if (mask == Mask::All) sumGradients<Mask::All>(own, rowsOf(a, chunk));
    else if (mask == Mask::ByOutput) sumGradients<Mask::ByOutput>(own, rowsOf(a, chunk));
    else sumGradients<Mask::ByFactors>(own, rowsOf(a, chunk));
  }

 private:
  GradientSums sumsOf(Memory &memory, int chunks) const {
    const int64_t size = volume(a.rows, a.channels);
    return {
        memory.floats(a.dy, size),
        memory.floats(a.x, size),
        memory.floats(a.mean, a.channels),
        mask == Mask::All ? nullptr : memory.floats(a.maskSource, mask == Mask::ByOutput ? size : byChannel(2, a.channels)),
        mask == Mask::All ? nullptr : memory.floats(a.g, size),
        memory.floats(a.parts, volume(chunks, byChannel(3, a.channels))),
    };
  }
};

template <> struct Plan<resnet::NormGradientApply> {
  const resnet::NormGradientApply a;
  const float *g, *x, *factors;
  float *dx;
  const size_t scratch = 0;

  Plan(const resnet::NormGradientApply &a, Memory &memory, int chunks)
      : a(a), g(memory.floats(a.g, size())), x(memory.floats(a.x, size())), factors(memory.floats(a.factors, byChannel(3, a.channels))),
        dx(memory.floats(a.dx, size())) {
    requireRows(a, memory, chunks);
  }
  int64_t size() const { return volume(a.rows, a.channels); }
  void operator()(int chunk, float *) const { applyNormGradient(g, x, factors, dx, rowsOf(a, chunk)); }
};

// Element by element

/** Values in blocks: one for each chunk. */
template <class A> INLINE void requireValues(const A &a, Memory &memory, int chunks) {
  memory.require(a.size > 0 && a.block > 0 && a.size < 1 << 30 && a.block < 1 << 30 && chunks == parts(a.size, larger(1, a.block)));
}

template <> struct Plan<resnet::Relu> {
  const resnet::Relu a;
  const float *x;
  float *y;
  const size_t scratch = 0;

  Plan(const resnet::Relu &a, Memory &memory, int chunks) : a(a), x(memory.floats(a.x, a.size)), y(memory.floats(a.y, a.size)) {
    requireValues(a, memory, chunks);
  }
  void operator()(int chunk, float *) const { reluForward(x, y, chunk * a.block, smaller(a.size, (chunk + 1) * a.block)); }
};

template <> struct Plan<resnet::ReluGradient> {
  const resnet::ReluGradient a;
  const float *dy, *y;
  float *dx;
  const size_t scratch = 0;

  Plan(const resnet::ReluGradient &a, Memory &memory, int chunks)
      : a(a), dy(memory.floats(a.dy, a.size)), y(memory.floats(a.y, a.size)), dx(memory.floats(a.dx, a.size)) {
    requireValues(a, memory, chunks);
  }
  void operator()(int chunk, float *) const { reluGradient(dy, y, dx, chunk * a.block, smaller(a.size, (chunk + 1) * a.block)); }
};

// Pooling

template <class A> INLINE Pooling poolingOf(const A &a) {
  return {a.height, a.width, a.channels, a.outHeight, a.outWidth, a.windowHeight, a.windowWidth, a.strideY, a.strideX, a.padTop, a.padLeft};
}

/** Forward poolings: a chunk is a row of the output of an image. */
template <class A, void (*ROW)(const Pooling &, const float *, float *, int)> struct PoolPlan {
  const Pooling pooling;
  const float *x;
  float *y;
  const size_t scratch = 0;

  PoolPlan(const A &a, Memory &memory, int chunks)
      : pooling(poolingOf(a)), x(memory.floats(a.x, pooling.inputSize(images(chunks)))), y(memory.floats(a.y, pooling.outputSize(images(chunks)))) {
    memory.require(pooling.valid() && chunks % larger(1, pooling.oh) == 0);
  }
  int images(int chunks) const { return chunks / larger(1, pooling.oh); }
  void operator()(int chunk, float *) const {
    const int image = chunk / pooling.oh;
    ROW(pooling, x + image * pooling.inputSize(1), y + (size_t)chunk * pooling.ow * pooling.c, chunk % pooling.oh);
  }
};

template <> struct Plan<resnet::MaxPool> : PoolPlan<resnet::MaxPool, maxPoolRow> {
  using PoolPlan::PoolPlan;
};
template <> struct Plan<resnet::AveragePool> : PoolPlan<resnet::AveragePool, averagePoolRow> {
  using PoolPlan::PoolPlan;
};

/** Gradients of poolings: a chunk is an image. */
template <class A> struct PoolGradientPlan {
  const Pooling pooling;
  const float *x, *dy;
  float *dx;
  const size_t scratch = 0;

  PoolGradientPlan(const A &a, Memory &memory, int chunks)
      : pooling(poolingOf(a)), x(memory.floats(a.x, pooling.inputSize(chunks))), dy(memory.floats(a.dy, pooling.outputSize(chunks))),
        dx(memory.floats(a.dx, pooling.inputSize(chunks))) {
    memory.require(pooling.valid());
  }
};

template <> struct Plan<resnet::MaxPoolGradient> : PoolGradientPlan<resnet::MaxPoolGradient> {
  using PoolGradientPlan::PoolGradientPlan;
  void operator()(int chunk, float *) const {
    const int64_t in = chunk * pooling.inputSize(1);
    maxPoolGradient(pooling, x + in, dy + chunk * pooling.outputSize(1), dx + in);
  }
};
template <> struct Plan<resnet::AveragePoolGradient> : PoolGradientPlan<resnet::AveragePoolGradient> {
  using PoolGradientPlan::PoolGradientPlan;
  void operator()(int chunk, float *) const {
    averagePoolGradient(pooling, dy + chunk * pooling.outputSize(1), dx + chunk * pooling.inputSize(1));
  }
};

template <> struct Plan<resnet::SpatialSum> {
  const resnet::SpatialSum a;
  const float *x;
  float *y;
  const size_t scratch = 0;

  Plan(const resnet::SpatialSum &a, Memory &memory, int chunks)
      : a(a), x(memory.floats(a.x, volume(chunks, a.middle, a.channels))), y(memory.floats(a.y, volume(chunks, a.channels))) {
    memory.require(a.middle > 0 && a.channels > 0);
  }
  void operator()(int chunk, float *) const {
    spatialSum(x + (size_t)chunk * a.middle * a.channels, y + (size_t)chunk * a.channels, a.middle, a.channels, a.factor);
  }
};

}  // namespace RESNET_LEVEL
