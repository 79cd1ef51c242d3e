// Every job of every level that this processor runs, against its formula, over shapes that fill vectors, tiles and panels and shapes that do not.
//
//   kernels-test [--level avx512] [--bench]
//
// Prints what fails and exits with 1. With --level, a level that the processor lacks is an error.

#include <chrono>

#include "arena.hpp"
#include "reference.hpp"

using namespace resnet;

static int failures = 0, checks = 0;
static std::mt19937 generator(1);

static Values random(size_t count) {
  std::normal_distribution<float> normal;
  Values values(count);
  for (float &value : values) value = normal(generator);
  return values;
}

static void check(bool holds, const std::string &what) {
  checks++;
  if (holds) return;
  failures++;
  printf("FAILED %s\n", what.c_str());
}

static int up(int value, int multiple) { return (value + multiple - 1) / multiple * multiple; }
static int parts(int total, int each) { return (total + each - 1) / each; }

/** The largest difference, as a part of the largest value. */
static void checkClose(const Values &got, const Values &expected, double tolerance, const std::string &what) {
  double difference = 0, largest = 1e-30;
  bool numbers = got.size() == expected.size();
  for (size_t i = 0; numbers && i < got.size(); i++) {
    numbers = std::isnan(got[i]) == std::isnan(expected[i]);
    if (std::isnan(expected[i])) continue;
    difference = std::max(difference, std::fabs((double)got[i] - expected[i]));
    largest = std::max(largest, std::fabs((double)expected[i]));
  }
  check(numbers && difference <= tolerance * largest, what + ": off by " + std::to_string(difference / largest));
}

static Values byChannel(const std::vector<Values> &sets, int channels) {
  Values padded;
  for (const Values &set : sets) {
    padded.insert(padded.end(), set.begin(), set.end());
    padded.resize(padded.size() + up(channels, 4) - channels);
  }
  return padded;
}

/** One test's arena and level: runs jobs and expects them to be finished. */
struct Bench {
  const Level &level;
  std::string what;
  Arena arena{96 << 20};
  int threads = 1;

  template <class Arguments> void run(Job job, int chunks, const Arguments &arguments) {
    check(arena.run(level, job, chunks, arguments, threads), what + ": not done");
  }
  void close(uint32_t pointer, const Values &expected, double tolerance, const char *part) {
    checkClose(arena.get(pointer, expected.size()), expected, tolerance, what + ", " + part);
  }
  ~Bench() { check(arena.intact(), what + ": wrote outside of its tensors"); }
};

// F(4×4, 3×3) in float32 loses about a digit against the plain sum.
static constexpr double WINOGRAD = 2e-5, PLAIN = 3e-6;

static Convolution winogradOf(int n, int h, int w, int c, int k, int pad) {
  return {n, h, w, c, 3, 3, k, 1, 1, pad, pad, h + 2 * pad - 2, w + 2 * pad - 2};
}

static int filterFloats(int c, int k) { return 36 * (up(c, 4) * up(k, 8) + 16); }

static WinogradForward passOf(const Convolution &p, int perBlock) {
  WinogradForward a{};
  a.height = p.h, a.width = p.w, a.inputs = p.c, a.outHeight = p.oh, a.outWidth = p.ow, a.outputs = p.k, a.padTop = p.top, a.padLeft = p.left;
  a.strips = p.n * parts(p.oh, 4);
  a.stripsPerBlock = std::min(perBlock, a.strips);
  return a;
}

static uint32_t transformed(Bench &b, uint32_t filter, int c, int k, bool flipped) {
  const uint32_t u = b.arena.room(filterFloats(c, k));
  b.run(Job::WinogradFilterTransform, parts(k, 8), WinogradFilterTransform{filter, u, c, k, flipped});
  return u;
}

/** The convolution whose output is the input gradient of `p`. */
static Convolution turned(const Convolution &p) {
  Convolution q = p;
  q.h = p.oh, q.w = p.ow, q.c = p.k, q.oh = p.h, q.ow = p.w, q.k = p.c, q.top = 2 - p.top, q.left = 2 - p.left;
  return q;
}

/** Forward in all modes of input and output, and both gradients, apart and together. */
static void testWinograd(const Level &level, const Convolution &p, int perBlock) {
  Bench b{level, std::string(level.name) + " winograd " + std::to_string(p.h) + "x" + std::to_string(p.w) + " " + std::to_string(p.c) + "->" +
                     std::to_string(p.k) + " pad " + std::to_string(p.top)};
  Arena &m = b.arena;
  const Values x = random(p.inputs()), w = random(p.filters()), factors = random(2 * p.c), dy = random(p.outputs());
  const uint32_t atX = m.put(x), atW = m.put(w), u = transformed(b, atW, p.c, p.k, false);
  WinogradForward a = passOf(p, perBlock);
  const int blocks = parts(a.strips, a.stripsPerBlock);
  a.x = atX, a.filter = u, a.y = m.room(p.outputs());
  b.run(Job::WinogradForward, blocks, a);
  const Values y = convolve(p, x, w);
  b.close(a.y, y, WINOGRAD, "plain");

  // relu(a·x + b) in, a·y + b + extra and relu out.
  const Values outFactors = random(2 * p.k), extra = random(p.outputs());
  const Values relued = mapped(x, p.c, [&](double v, size_t, int i) { return std::max(0.0, v * factors[i] + factors[p.c + i]); });
  a.inputMode = (int)InputMode::Relu;
  a.inputFactors = m.put(byChannel({Values(factors.begin(), factors.begin() + p.c), Values(factors.begin() + p.c, factors.end())}, p.c));
  a.outputMode = (int)OutputMode::Affine;
  a.outputFactors = m.put(byChannel({Values(outFactors.begin(), outFactors.begin() + p.k), Values(outFactors.begin() + p.k, outFactors.end())}, p.k));
  a.extra = m.put(extra), a.relu = 1, a.y = m.room(p.outputs());
  b.run(Job::WinogradForward, blocks, a);
  const Values after = convolve(p, relued, w);
  const auto affine = [&](double v, size_t at, int i) { return std::max(0.0, v * outFactors[i] + outFactors[p.k + i] + extra[at]); };
  b.close(a.y, mapped(after, p.k, affine), WINOGRAD, "relu in, affine out");

  const int tileRows = parts(p.oh, 4);
  const bool even = (p.oh % 4 == 0 || a.stripsPerBlock % tileRows == 0) && p.k % 4 == 0;
  // The first position of a block of strips.
  const auto positionOf = [](int strip, int height, int width) { return (strip / parts(height, 4) * height + strip % parts(height, 4) * 4) * width; };
  if (even) {
    a.outputMode = (int)OutputMode::Statistics, a.y = m.room(p.outputs()), a.parts = m.room((size_t)blocks * 3 * p.k);
    b.run(Job::WinogradForward, blocks, a);
    b.close(a.y, after, WINOGRAD, "statistics");
    const Values got = m.get(a.parts, (size_t)blocks * 3 * p.k);
    for (int block = 0; block < blocks; block++) {
      const int first = positionOf(block * a.stripsPerBlock, p.oh, p.ow), end = positionOf(std::min((block + 1) * a.stripsPerBlock, a.strips), p.oh, p.ow);
      std::vector<double> mean = sums(p.k, first, end, [&](size_t i) { return after[i] / (end - first); });
      const std::vector<double> square = sums(p.k, first, end, [&](size_t i) { return std::pow(after[i] - mean[i % p.k], 2); });
      const auto from = got.begin() + (size_t)block * 3 * p.k;
      checkClose(Values(from, from + p.k), rounded(mean), 2 * WINOGRAD, b.what + ", means");
      checkClose(Values(from + p.k, from + 2 * p.k), rounded(square), 2 * WINOGRAD, b.what + ", squared deviations");
    }
  }

  // The filter gradient, from relu(a·x + b) and a·g + b·x + c.
  const Values other = random(p.outputs()), gradientFactors = random(3 * p.k);
  const Values gradient = mapped(dy, p.k, [&](double v, size_t at, int i) {
    return v * gradientFactors[i] + gradientFactors[p.k + i] * other[at] + gradientFactors[2 * p.k + i];
  });
  WinogradFilterGradient f{};
  static_assert(offsetof(WinogradFilterGradient, inputOther) == offsetof(WinogradForward, inputOther));
  memcpy(&f, &a, offsetof(WinogradForward, filter));
  f.blocksPerChunk = 2, f.inputsPerSlice = p.c, f.outputsPerSlice = p.k;
  const int chunks = parts(blocks, 2);
  f.dy = m.put(dy), f.gradientMode = (int)InputMode::NormGradient, f.gradientOther = m.put(other);
  const auto third = [&](int i) { return Values(gradientFactors.begin() + i * p.k, gradientFactors.begin() + (i + 1) * p.k); };
  f.gradientFactors = m.put(byChannel({third(0), third(1), third(2)}, p.k));
  f.partials = m.room((size_t)chunks * p.filters());
  b.run(Job::WinogradFilterGradient, chunks, f);
  const Values dw = filterGradient(p, relued, gradient);
  WinogradFilterGradientFinish finish{f.partials, m.room(p.filters()), chunks, p.c, p.k};
  b.run(Job::WinogradFilterGradientFinish, parts(p.c, 4), finish);
  b.close(finish.gradient, dw, WINOGRAD, "filter gradient");
  if (p.c > 16 && p.k > 8) {
    WinogradFilterGradient sliced = f;
    sliced.inputsPerSlice = 16, sliced.outputsPerSlice = 8, sliced.blocksPerChunk = blocks, sliced.partials = m.room(p.filters());
    b.run(Job::WinogradFilterGradient, parts(p.c, 16) * parts(p.k, 8), sliced);
    b.close(sliced.partials, dw, WINOGRAD, "filter gradient in slices");
  }

  // Both gradients together; the input gradient passes a relu where its sums can be taken on the way.
  const Convolution q = turned(p);
  WinogradBackward both{passOf(q, perBlock), f};
  if (both.input.strips != f.strips || both.input.stripsPerBlock != f.stripsPerBlock) return;
  both.input.x = f.dy, both.input.inputMode = f.gradientMode, both.input.inputFactors = f.gradientFactors, both.input.inputOther = f.gradientOther;
  both.input.filter = transformed(b, atW, p.k, p.c, true), both.input.y = m.room(p.inputs());
  both.filter.partials = m.room((size_t)chunks * p.filters());
  const Values dx = inputGradient(p, gradient, w);
  for (const bool byOutput : {false, true}) {
    const bool summed = even && p.c % 4 == 0 && (q.oh % 4 == 0 || both.input.stripsPerBlock % parts(q.oh, 4) == 0);
    const Values shortcut = random(p.inputs()), mask = random(p.inputs()), normalized = random(p.inputs()), mean = random(p.c);
    if (summed) {
      both.input.outputMode = (int)OutputMode::Gradient, both.input.parts = m.room((size_t)blocks * 3 * p.c);
      both.input.extra = byOutput ? m.put(shortcut) : 0, both.input.mask = byOutput ? m.put(mask) : 0;
      both.input.outputFactors = byOutput ? 0 : a.inputFactors, both.input.normalized = m.put(normalized), both.input.mean = m.put(mean);
    }
    b.run(Job::WinogradBackward, chunks, both);
    finish.partials = both.filter.partials, finish.gradient = m.room(p.filters());
    b.run(Job::WinogradFilterGradientFinish, parts(p.c, 4), finish);
    b.close(finish.gradient, dw, WINOGRAD, "filter gradient, together");
    if (!summed) return b.close(both.input.y, dx, WINOGRAD, "input gradient");
    const Values g = mapped(dx, p.c, [&](double v, size_t at, int i) {
      if (byOutput) return mask[at] > 0 ? v + shortcut[at] : 0.0;
      return normalized[at] * factors[i] + factors[p.c + i] > 0 ? v : 0.0;
    });
    b.close(both.input.y, g, WINOGRAD, "input gradient through relu");
    const Values got = m.get(both.input.parts, (size_t)blocks * 3 * p.c);
    for (int block = 0; block < blocks; block++) {
      const int first = positionOf(block * both.input.stripsPerBlock, p.h, p.w);
      const int end = positionOf(std::min((block + 1) * both.input.stripsPerBlock, both.input.strips), p.h, p.w);
      const auto from = got.begin() + (size_t)block * 3 * p.c;
      const auto s2 = [&](size_t i) { return g[i] * ((double)normalized[i] - mean[i % p.c]); };
      checkClose(Values(from, from + p.c), rounded(sums(p.c, first, end, [&](size_t i) { return g[i]; })), 1e-4, b.what + ", sums of g");
      checkClose(Values(from + p.c, from + 2 * p.c), rounded(sums(p.c, first, end, s2)), 1e-4, b.what + ", sums of g·x");
    }
  }
}

// Products

static uint32_t packedFilter(
    Bench &b, uint32_t filter, int channels, int columns, int channelStep, int columnStep, const std::vector<int> &y, const std::vector<int> &x,
    int tapStep, int kernelWidth) {
  PackFilter a{};
  const int depth = std::max(4, up((int)(y.size() * x.size()) * channels, 4));
  a.filter = filter, a.packed = b.arena.room((size_t)depth * up(columns, 8));
  a.channels = channels, a.columns = columns, a.channelStep = channelStep, a.columnStep = columnStep;
  a.tapRows = (int)y.size(), a.tapColumns = (int)x.size(), a.tapStep = tapStep, a.kernelWidth = kernelWidth;
  std::copy(y.begin(), y.end(), a.taps);
  std::copy(x.begin(), x.end(), a.taps + y.size());
  b.run(Job::PackFilter, parts(columns, 8), a);
  return a.packed;
}

/** Taps of one axis of a gradient that reach `phase`, as index and offset. */
static void gradientTaps(int size, int dilation, int pad, int stride, int phase, std::vector<int> &index, std::vector<int> &offset) {
  for (int i = 0; i < size; i++) {
    const int distance = phase + pad - i * dilation;
    if (((distance % stride) + stride) % stride) continue;
    index.push_back(i);
    offset.push_back(distance / stride);
  }
}

static void testProduct(const Level &level, const Convolution &p, int rows) {
  Bench b{level, std::string(level.name) + " implicit gemm " + std::to_string(p.kernelHeight) + "x" + std::to_string(p.kernelWidth) + "/" +
                     std::to_string(p.stride) + " " + std::to_string(p.c) + "->" + std::to_string(p.k) + " of " + std::to_string(p.h) + "x" +
                     std::to_string(p.w)};
  Arena &m = b.arena;
  const Values x = random(p.inputs()), w = random(p.filters()), dy = random(p.outputs()), bias = random(p.k);
  const uint32_t atX = m.put(x), atW = m.put(w), atDy = m.put(dy);
  std::vector<int> indexY, indexX, offsetY, offsetX;
  for (int i = 0; i < p.kernelHeight; i++) indexY.push_back(i), offsetY.push_back(i * p.dilation - p.top);
  for (int i = 0; i < p.kernelWidth; i++) indexX.push_back(i), offsetX.push_back(i * p.dilation - p.left);

  ImplicitGemm a{};
  a.source = atX, a.height = p.h, a.width = p.w, a.channels = p.c, a.gridHeight = p.oh, a.gridWidth = p.ow, a.columns = p.k;
  a.strideY = a.strideX = p.stride, a.rowsPerBlock = rows, a.positions = p.n * p.oh * p.ow;
  a.tapRows = p.kernelHeight, a.tapColumns = p.kernelWidth;
  std::copy(offsetY.begin(), offsetY.end(), a.taps);
  std::copy(offsetX.begin(), offsetX.end(), a.taps + offsetY.size());
  a.packed = packedFilter(b, atW, p.c, p.k, p.k, 1, indexY, indexX, p.c * p.k, p.kernelWidth);
  a.y = m.room(p.outputs()), a.outHeight = p.oh, a.outWidth = p.ow, a.stepY = a.stepX = 1;
  b.run(Job::ImplicitGemm, parts(a.positions, rows), a);
  const Values y = convolve(p, x, w);
  b.close(a.y, y, PLAIN, "plain");
  a.bias = m.put(bias), a.relu = 1, a.y = m.room(p.outputs());
  b.run(Job::ImplicitGemm, parts(a.positions, rows), a);
  b.close(a.y, mapped(y, p.k, [&](double v, size_t, int i) { return std::max(0.0, v + bias[i]); }), PLAIN, "bias and relu");

  ImplicitGemmFilterGradient f{};
  memcpy(&f, &a, offsetof(ImplicitGemm, packed));
  const int blocks = parts(a.positions, rows), perChunk = 3, chunks = parts(blocks, perChunk), depth = p.kernelHeight * p.kernelWidth * p.c;
  f.depthPerSlice = depth, f.columnsPerSlice = p.k, f.dy = atDy, f.blocksPerChunk = perChunk, f.partials = m.room((size_t)chunks * p.filters());
  std::copy(a.taps, a.taps + a.tapRows + a.tapColumns, f.taps);
  b.run(Job::ImplicitGemmFilterGradient, chunks, f);
  const ImplicitGemmFilterGradientFinish finish{f.partials, m.room(p.filters()), chunks, depth, p.k};
  b.run(Job::ImplicitGemmFilterGradientFinish, parts(depth, 4), finish);
  const Values dw = filterGradient(p, x, dy);
  b.close(finish.gradient, dw, PLAIN, "filter gradient");
  if (p.c % 16 == 0) {
    f.blocksPerChunk = blocks, f.partials = m.room(p.filters());
    f.depthPerSlice = std::min(48, depth), f.columnsPerSlice = std::min(24, p.k);
    b.run(Job::ImplicitGemmFilterGradient, parts(depth, f.depthPerSlice) * parts(p.k, f.columnsPerSlice), f);
    b.close(f.partials, dw, PLAIN, "filter gradient in slices");
  }

  ImplicitGemm g{};
  g.source = atDy, g.height = p.oh, g.width = p.ow, g.channels = p.k, g.columns = p.c, g.strideY = g.strideX = 1, g.rowsPerBlock = rows;
  g.y = m.room(p.inputs()), g.outHeight = p.h, g.outWidth = p.w, g.stepY = g.stepX = p.stride;
  for (g.phaseY = 0; g.phaseY < std::min(p.stride, p.h); g.phaseY++)
    for (g.phaseX = 0; g.phaseX < std::min(p.stride, p.w); g.phaseX++) {
      std::vector<int> iy, oy, ix, ox;
      gradientTaps(p.kernelHeight, p.dilation, p.top, p.stride, g.phaseY, iy, oy);
      gradientTaps(p.kernelWidth, p.dilation, p.left, p.stride, g.phaseX, ix, ox);
      g.tapRows = (int)iy.size(), g.tapColumns = (int)ix.size();
      std::copy(oy.begin(), oy.end(), g.taps);
      std::copy(ox.begin(), ox.end(), g.taps + oy.size());
      g.gridHeight = parts(p.h - g.phaseY, p.stride), g.gridWidth = parts(p.w - g.phaseX, p.stride);
      g.positions = p.n * g.gridHeight * g.gridWidth;
      g.packed = packedFilter(b, atW, p.k, p.c, 1, p.k, iy, ix, p.c * p.k, p.kernelWidth);
      b.run(Job::ImplicitGemm, parts(g.positions, rows), g);
    }
  b.close(g.y, inputGradient(p, dy, w), PLAIN, "input gradient");
}

// Normalization

static void testNorm(const Level &level, int rows, int channels, int block) {
  Bench b{level, std::string(level.name) + " norm " + std::to_string(rows) + "x" + std::to_string(channels)};
  Arena &m = b.arena;
  const size_t size = (size_t)rows * channels;
  Values x = random(size);
  for (float &value : x) value += 100;  // a large mean must not cost accuracy
  const Values dy = random(size), extra = random(size), gate = random(size), mean = random(channels);
  const Values fa = random(channels), fb = random(channels), fc = random(channels);
  const int chunks = parts(rows, block);
  const uint32_t atX = m.put(x), atDy = m.put(dy), atMean = m.put(mean), factors = m.put(byChannel({fa, fb, fc}, channels));

  NormStatistics s{atX, m.room((size_t)chunks * 3 * up(channels, 4)), rows, channels, block};
  b.run(Job::NormStatistics, chunks, s);
  const Values got = m.get(s.parts, (size_t)chunks * 3 * up(channels, 4));
  for (int chunk = 0; chunk < chunks; chunk++) {
    const int first = chunk * block, end = std::min(rows, first + block);
    const std::vector<double> own = sums(channels, first, end, [&](size_t i) { return x[i] / (double)(end - first); });
    const std::vector<double> square = sums(channels, first, end, [&](size_t i) { return std::pow(x[i] - own[i % channels], 2); });
    const auto from = got.begin() + (size_t)chunk * 3 * up(channels, 4);
    checkClose(Values(from, from + channels), rounded(own), PLAIN, b.what + ", mean");
    // A mean of 100 rounds to 4e-6 in float32, which enters squared: below 1e-4 of a deviation of 1.
    checkClose(Values(from + up(channels, 4), from + up(channels, 4) + channels), rounded(square), 1e-4, b.what + ", squared deviations");
  }

  for (const bool clamp : {false, true}) {
    NormApply a{atX, m.room(size), factors, rows, channels, block, clamp, clamp ? m.put(extra) : 0};
    b.run(Job::NormApply, chunks, a);
    const auto f = [&](double v, size_t at, int i) { return clamp ? std::max(0.0, v * fa[i] + fb[i] + extra[at]) : v * fa[i] + fb[i]; };
    b.close(a.y, mapped(x, channels, f), PLAIN, "apply");
  }

  for (const Mask mask : {Mask::All, Mask::ByOutput, Mask::ByFactors}) {
    const bool stores = mask != Mask::All;
    NormGradientSums a{atDy, atX, atMean, m.room((size_t)chunks * 3 * up(channels, 4)), rows, channels, block, (int)mask,
                       mask == Mask::ByOutput ? m.put(gate) : mask == Mask::ByFactors ? factors : 0, stores ? m.room(size) : 0};
    b.run(Job::NormGradientSums, chunks, a);
    const Values g = mapped(dy, channels, [&](double v, size_t at, int i) {
      const double open = mask == Mask::All ? 1 : mask == Mask::ByOutput ? gate[at] : (double)std::fma(x[at], fa[i], fb[i]);
      return open > 0 ? v : 0;
    });
    if (stores) b.close(a.g, g, 0, "what passes");
    const Values parts = m.get(a.parts, (size_t)chunks * 3 * up(channels, 4));
    for (int chunk = 0; chunk < chunks; chunk++) {
      const int first = chunk * block, end = std::min(rows, first + block);
      const auto from = parts.begin() + (size_t)chunk * 3 * up(channels, 4);
      checkClose(Values(from, from + channels), rounded(sums(channels, first, end, [&](size_t i) { return g[i]; })), 1e-5, b.what + ", sums");
      const auto product = [&](size_t i) { return g[i] * ((double)x[i] - mean[i % channels]); };
      checkClose(Values(from + up(channels, 4), from + up(channels, 4) + channels), rounded(sums(channels, first, end, product)), 1e-5, b.what + ", products");
    }
  }

  NormGradientApply d{atDy, atX, factors, m.room(size), rows, channels, block};
  b.run(Job::NormGradientApply, chunks, d);
  b.close(d.dx, mapped(dy, channels, [&](double v, size_t at, int i) { return v * fa[i] + x[at] * (double)fb[i] + fc[i]; }), PLAIN, "gradient");
}

// Element by element, pooling

static void testValues(const Level &level, int size, int block) {
  Bench b{level, std::string(level.name) + " values " + std::to_string(size)};
  Arena &m = b.arena;
  Values x = random(size), dy = random(size);
  x[size / 2] = NAN;
  x[0] = -0.0f;
  Relu a{m.put(x), m.room(size), size, block};
  b.run(Job::Relu, parts(size, block), a);
  b.close(a.y, mapped(x, 1, [](double v, size_t, int) { return v < 0 ? 0 : v; }), 0, "relu keeps NaN");
  ReluGradient g{m.put(dy), a.x, m.room(size), size, block};
  b.run(Job::ReluGradient, parts(size, block), g);
  b.close(g.dx, mapped(dy, 1, [&](double v, size_t i, int) { return x[i] > 0 ? v : 0; }), 0, "relu gradient");
}

static void testPooling(const Level &level, int n, int h, int w, int c, int window, int stride, int pad) {
  Bench b{level, std::string(level.name) + " pooling " + std::to_string(h) + "x" + std::to_string(w) + "x" + std::to_string(c) + " by " +
                     std::to_string(window) + "/" + std::to_string(stride)};
  Arena &m = b.arena;
  const int oh = (h + 2 * pad - window) / stride + 1, ow = (w + 2 * pad - window) / stride + 1;
  const size_t in = (size_t)n * h * w * c, out = (size_t)n * oh * ow * c;
  Values x = random(in);
  for (float &value : x) value = std::round(value * 2);  // ties
  x[in / 3] = NAN;
  const Values dy = random(out);
  std::vector<double> largest(out), dxMax(in), mean(out), dxMean(in);
  for (size_t o = 0; o < out; o++) {
    const int i = (int)(o % c), ox = (int)(o / c % ow), oy = (int)(o / c / ow % oh), image = (int)(o / c / ow / oh);
    double best = -INFINITY, top = -INFINITY, sum = 0;
    long winner = -1;
    int count = 0;
    for (int y = std::max(0, oy * stride - pad); y < std::min(h, oy * stride - pad + window); y++)
      for (int z = std::max(0, ox * stride - pad); z < std::min(w, ox * stride - pad + window); z++) {
        const size_t at = (((size_t)image * h + y) * w + z) * c + i;
        if (winner < 0) winner = (long)at;
        if (x[at] > best) best = x[at], winner = (long)at;
        top = std::isnan(top) || std::isnan(x[at]) ? NAN : std::max(top, (double)x[at]);
        sum += x[at];
        dxMean[at] += dy[o] * (double)(float)(1 / (float)(window * window));
        count++;
      }
    largest[o] = top, mean[o] = sum / count;
    dxMax[(size_t)winner] += dy[o];
  }
  MaxPool a{};
  a.x = m.put(x), a.height = h, a.width = w, a.channels = c, a.outHeight = oh, a.outWidth = ow, a.windowHeight = a.windowWidth = window;
  a.strideY = a.strideX = stride, a.padTop = a.padLeft = pad, a.y = m.room(out);
  b.run(Job::MaxPool, n * oh, a);
  b.close(a.y, rounded(largest), 0, "max");
  AveragePool mid{};
  memcpy(&mid, &a, sizeof mid);
  mid.y = m.room(out);
  b.run(Job::AveragePool, n * oh, mid);
  b.close(mid.y, rounded(mean), PLAIN, "average");
  MaxPoolGradient g{};
  memcpy(&g, &a, offsetof(MaxPool, y));
  g.dy = m.put(dy), g.dx = m.room(in);
  b.run(Job::MaxPoolGradient, n, g);
  b.close(g.dx, rounded(dxMax), PLAIN, "max gradient");
  AveragePoolGradient d{};
  memcpy(&d, &g, sizeof d);
  d.dx = m.room(in);
  b.run(Job::AveragePoolGradient, n, d);
  b.close(d.dx, rounded(dxMean), PLAIN, "average gradient");
  SpatialSum s{m.put(dy), m.room((size_t)n * c), oh * ow, c, 0.25f};
  b.run(Job::SpatialSum, n, s);
  std::vector<double> sum((size_t)n * c);
  for (size_t o = 0; o < out; o++) sum[o / c / (oh * ow) * c + o % c] += 0.25 * dy[o];
  b.close(s.y, rounded(sum), PLAIN, "sum");
}

// What is the same for all

/** One thread and three: the same bits. */
static void testThreads(const Level &level) {
  Values results[2];
  for (const int threads : {1, 3}) {
    generator.seed(7);
    Bench b{level, std::string(level.name) + " threads"};
    b.threads = threads;
    const Convolution p = winogradOf(3, 17, 12, 24, 40, 1);
    const Values x = random(p.inputs()), dy = random(p.outputs()), w = random(p.filters());
    WinogradBackward both{passOf(turned(p), 2), {}};
    WinogradForward forward = passOf(p, 2);
    memcpy(&both.filter, &forward, offsetof(WinogradForward, filter));
    both.filter.x = b.arena.put(x), both.filter.dy = both.input.x = b.arena.put(dy);
    both.input.filter = transformed(b, b.arena.put(w), p.k, p.c, true), both.input.y = b.arena.room(p.inputs());
    const int chunks = parts(parts(forward.strips, forward.stripsPerBlock), 2);
    both.filter.blocksPerChunk = 2, both.filter.partials = b.arena.room((size_t)chunks * p.filters());
    both.filter.inputsPerSlice = p.c, both.filter.outputsPerSlice = p.k;
    b.run(Job::WinogradBackward, chunks, both);
    const WinogradFilterGradientFinish finish{both.filter.partials, b.arena.room(p.filters()), chunks, p.c, p.k};
    b.run(Job::WinogradFilterGradientFinish, parts(p.c, 4), finish);
    Values &all = results[threads > 1];
    all = b.arena.get(both.input.y, p.inputs());
    const Values dw = b.arena.get(finish.gradient, p.filters());
    all.insert(all.end(), dw.begin(), dw.end());
  }
  check(memcmp(results[0].data(), results[1].data(), results[0].size() * 4) == 0, std::string(level.name) + " threads: other bits");
}

/** Arguments that any byte was changed of: refused, or done without leaving the memory, which the sanitizer and the guards watch. */
static void testMalformed(const Level &level) {
  const auto refused = [&](const char *what, auto job, int chunks, auto arguments) {
    Arena arena(1 << 20);
    arena.room(1000);
    check(!arena.run(level, job, chunks, arguments) && arena.intact(), std::string(level.name) + " malformed: " + what);
  };
  const uint32_t at = HEAP;
  refused("a tensor beyond the end", Job::Relu, 1, Relu{at, (1 << 20) - 64, 100, 100});
  refused("a pointer of all ones", Job::Relu, 1, Relu{at, 0xfffffffc, 100, 100});
  refused("none", Job::Relu, 1, Relu{at, 0, 100, 100});
  refused("not aligned", Job::Relu, 1, Relu{at, at + 2, 100, 100});
  refused("a negative size", Job::Relu, 1, Relu{at, at, -100, 100});
  refused("blocks of nothing", Job::Relu, 1, Relu{at, at, 100, 0});
  refused("more chunks than blocks", Job::Relu, 5, Relu{at, at, 100, 100});
  refused("a product that overflows", Job::NormApply, 1, NormApply{at, at, at, 1 << 30, 1 << 30, 1 << 30, 0, 0});
  refused("windows of no image", Job::MaxPool, 3, MaxPool{});
  refused("an empty convolution", Job::WinogradForward, 1, WinogradForward{});
  refused("an empty product", Job::ImplicitGemm, 1, ImplicitGemm{});

  // Fuzz: a small valid job of each kind, some words of it replaced.
  const int32_t words[] = {0, 1, -1, 2, 3, 7, 64, 4096, 65535, 1 << 20, 1 << 24, 1 << 30, INT32_MIN, INT32_MAX, (int32_t)at, (1 << 20) - 8};
  std::mt19937 random(3);
  for (int round = 0; round < 3000; round++) {
    Arena arena(1 << 20);
    // All is one tensor: what a refused job must not leave is the memory itself.
    arena.room(((1 << 20) - HEAP) / 4 - 64);
    int32_t arguments[MAX_ARGUMENTS] = {};
    const Job job = (Job)(random() % ((int)Job::SpatialSum + 1));
    const int32_t usual[] = {(int32_t)at, 8, 8, 4, 8, 8, 4, 1, 1, 1, 2, (int32_t)at, 1, 3, 1};
    for (int i = 0; i < 64; i++) arguments[i] = random() % 4 ? usual[random() % (sizeof usual / 4)] : words[random() % (sizeof words / 4)];
    arena.run(level, job, 1 + (int)(random() % 8), arguments);
    check(arena.intact(), std::string(level.name) + " fuzz: left the memory");
  }
}

static void test(const Level &level) {
  testWinograd(level, winogradOf(2, 8, 8, 16, 16, 1), 1);
  testWinograd(level, winogradOf(1, 12, 16, 64, 32, 1), 3);
  testWinograd(level, winogradOf(2, 8, 4, 24, 72, 1), 2);
  testWinograd(level, winogradOf(1, 7, 9, 3, 10, 1), 2);
  testWinograd(level, winogradOf(2, 6, 5, 17, 33, 0), 4);
  testWinograd(level, winogradOf(1, 5, 6, 5, 4, 2), 1);
  testWinograd(level, winogradOf(1, 8, 8, 40, 104, 1), 2);
  testWinograd(level, winogradOf(3, 14, 14, 32, 32, 1), 4);
  testWinograd(level, winogradOf(4, 7, 7, 24, 16, 1), 4);
  testProduct(level, {2, 9, 8, 16, 3, 3, 24, 2, 1, 1, 1, 5, 4}, 7);
  testProduct(level, {1, 15, 15, 3, 7, 7, 20, 2, 1, 3, 3, 8, 8}, 32);
  testProduct(level, {2, 7, 7, 64, 1, 1, 48, 1, 1, 0, 0, 7, 7}, 30);
  testProduct(level, {1, 8, 8, 32, 1, 1, 16, 2, 1, 0, 0, 4, 4}, 128);
  testProduct(level, {1, 9, 11, 5, 3, 2, 9, 1, 2, 1, 0, 7, 9}, 12);
  testProduct(level, {1, 1, 5, 130, 1, 1, 1000, 1, 1, 0, 0, 1, 5}, 4);
  testProduct(level, {1, 6, 6, 256, 3, 3, 64, 1, 1, 1, 1, 6, 6}, 16);
  for (const int channels : {1, 3, 10, 16, 64, 100}) testNorm(level, 157, channels, 50);
  for (const int size : {1, 7, 64, 1001}) testValues(level, size, 300);
  testPooling(level, 2, 9, 8, 16, 3, 2, 1);
  testPooling(level, 1, 7, 7, 5, 2, 2, 0);
  testPooling(level, 1, 7, 6, 24, 3, 1, 1);
  testThreads(level);
  testMalformed(level);
}

/** GFLOP/s of one thread, in the shapes that nets spend their time in. */
static void bench(const Level &level) {
  const auto measure = [&](const char *what, double flop, Arena &arena, Job job, int chunks, auto arguments) {
    double best = 1e9;
    for (int i = 0; i < 7; i++) {
      const auto start = std::chrono::steady_clock::now();
      arena.run(level, job, chunks, arguments);
      best = std::min(best, std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count());
    }
    printf("%s %-32s %8.2f ms %7.1f GFLOP/s\n", level.name, what, best * 1e3, flop / best / 1e9);
  };
  const struct { const char *name; int n, size, c; } nets[] = {{"32x32x16", 16, 32, 16}, {"16x16x32", 16, 16, 32}, {"8x8x64", 64, 8, 64}, {"56x56x64", 2, 56, 64}, {"14x14x256", 4, 14, 256}};
  for (const auto &[name, n, size, c] : nets) {
    Bench b{level, name, Arena(400 << 20)};
    const Convolution p = winogradOf(n, size, size, c, c, 1);
    const int tiles = std::max(16, 300000 / (144 * 2 * c));
    WinogradBackward both{passOf(p, std::max(1, std::min(64, tiles) / parts(size, 4))), {}};
    WinogradForward &a = both.input;
    a.x = b.arena.put(random(p.inputs())), a.filter = transformed(b, b.arena.put(random(p.filters())), c, c, false), a.y = b.arena.room(p.outputs());
    const int blocks = parts(a.strips, a.stripsPerBlock);
    const double flop = 2.0 * p.outputs() * 9 * c;
    measure((std::string(name) + " winograd").c_str(), flop, b.arena, Job::WinogradForward, blocks, a);
    memcpy(&both.filter, &a, offsetof(WinogradForward, filter));
    both.filter.dy = a.x, both.filter.blocksPerChunk = parts(blocks, 8), both.filter.inputsPerSlice = both.filter.outputsPerSlice = c;
    const int chunks = parts(blocks, both.filter.blocksPerChunk);
    both.filter.partials = b.arena.room((size_t)chunks * p.filters());
    measure((std::string(name) + " winograd backward").c_str(), 2 * flop, b.arena, Job::WinogradBackward, chunks, both);
  }
  const struct { const char *name; Convolution p; } products[] = {
      {"1x1 256->64", {1, 56, 56, 256, 1, 1, 64, 1, 1, 0, 0, 56, 56}}, {"1x1 1024->256", {2, 14, 14, 1024, 1, 1, 256, 1, 1, 0, 0, 14, 14}},
      {"1x1 512->2048", {4, 7, 7, 512, 1, 1, 2048, 1, 1, 0, 0, 7, 7}}, {"3x3/2 128->256", {2, 28, 28, 128, 3, 3, 256, 2, 1, 1, 1, 14, 14}},
      {"7x7/2 3->64", {1, 224, 224, 3, 7, 7, 64, 2, 1, 3, 3, 112, 112}}};
  for (const auto &[name, p] : products) {
    Bench b{level, name, Arena(400 << 20)};
    ImplicitGemm a{};
    const int depth = p.kernelHeight * p.kernelWidth * p.c, rows = std::min(128, std::max(32, 65536 / depth / 4 * 4));
    a.source = b.arena.put(random(p.inputs())), a.height = p.h, a.width = p.w, a.channels = p.c, a.gridHeight = p.oh, a.gridWidth = p.ow, a.columns = p.k;
    a.strideY = a.strideX = p.stride, a.rowsPerBlock = rows, a.positions = p.n * p.oh * p.ow, a.tapRows = p.kernelHeight, a.tapColumns = p.kernelWidth;
    for (int i = 0; i < p.kernelHeight; i++) a.taps[i] = i - p.top, a.taps[p.kernelHeight + i] = i - p.left;
    a.packed = b.arena.put(random((size_t)up(depth, 4) * up(p.k, 8)));
    a.y = b.arena.room(p.outputs()), a.outHeight = p.oh, a.outWidth = p.ow, a.stepY = a.stepX = 1;
    const double flop = 2.0 * p.outputs() * depth;
    const int blocks = parts(a.positions, rows);
    measure(name, flop, b.arena, Job::ImplicitGemm, blocks, a);
    ImplicitGemmFilterGradient f{};
    memcpy(&f, &a, offsetof(ImplicitGemm, packed));
    std::copy(a.taps, a.taps + a.tapRows + a.tapColumns, f.taps);
    f.dy = a.y, f.blocksPerChunk = parts(blocks, 4), f.depthPerSlice = depth, f.columnsPerSlice = p.k;
    const int chunks = parts(blocks, f.blocksPerChunk);
    f.partials = b.arena.room((size_t)chunks * p.filters());
    measure((std::string(name) + " filter gradient").c_str(), flop, b.arena, Job::ImplicitGemmFilterGradient, chunks, f);
  }
}

int main(int count, char **arguments) {
  std::string only;
  bool timed = false;
  for (int i = 1; i < count; i++) {
    if (std::string(arguments[i]) == "--bench") timed = true;
    if (std::string(arguments[i]) == "--level" && i + 1 < count) only = arguments[++i];
  }
  int ran = 0;
  for (const Level *level = levels; level->name; level++) {
    if (!only.empty() && only != level->name) continue;
    if (!level->isSupported()) {
      printf("%s: this processor does not have it\n", level->name);
      continue;
    }
    const int before = failures;
    test(*level);
    printf("%s: %s\n", level->name, failures > before ? "failed" : "passed");
    if (timed) bench(*level);
    ran++;
  }
  printf("%d checks, %d failed\n", checks, failures);
  return failures || (!only.empty() && !ran);
}
