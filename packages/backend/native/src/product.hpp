// Every convolution that Winograd does not do, and matrix products: positions are gathered tap by tap into blocks (implicit GEMM). The input gradient of
// a strided convolution is such a product for each phase of the stride, with the taps that reach it.
#pragma once

#include "gemm.hpp"
#include "memory.hpp"

namespace RESNET_LEVEL {

using resnet::volume;

/** Which positions of the source a product reads: a grid of rows, and for each row some taps. */
struct Gather {
  const float *x;
  int h, w, c, gridHeight, gridWidth, strideY, strideX, positions, tapsY, tapsX;
  /** Offset of each tap in the source. */
  const int *offsetY, *offsetX;

  int depth() const { return tapsY * tapsX * c; }
  int images() const { return positions / (gridHeight * gridWidth); }
  int64_t size() const { return volume(images(), h, w, c); }

  bool valid() const {
    constexpr int LIMIT = 1 << 28;
    for (const int size : {h, w, c, gridHeight, gridWidth, strideY, strideX, positions})
      if (size < 1 || size > LIMIT) return false;
    const int64_t grid = volume(gridHeight, gridWidth), deep = volume(tapsY, tapsX, c);
    return deep >= 0 && deep < LIMIT && grid < LIMIT && positions % grid == 0;
  }
};

/** A position of the grid. */
struct Position {
  int image, y, x;

  INLINE void next(const Gather &g) {
    if (++x < g.gridWidth) return;
    x = 0;
    if (++y < g.gridHeight) return;
    y = 0;
    image++;
  }
};

INLINE Position positionOf(const Gather &g, int row) {
  const int line = row / g.gridWidth;
  return {line / g.gridHeight, line % g.gridHeight, row % g.gridWidth};
}

/** Rows of a block as it is laid out: an odd number, so that neighbors in depth do not all fall into the same sets of the cache. */
INLINE int heightOf(int rows) { return rows | 1; }

INLINE void copyFloats(float *to, const float *from, int count) {
  lanes(count, [&](auto kind, int i) INLINED { store(to + i, load<decltype(kind)>(from + i)); });
}

/** A part of an axis. */
struct Range {
  int from, to;

  int count() const { return to - from; }
};

/** A part of the depth of rows `first` … of a grid, in groups. Channels come in whole groups. */
inline void gatherGroups(const Gather &g, int first, int rows, Range depth, float *a) {
  const size_t step = (size_t)heightOf(rows) * WIDTH;
  for (int d = depth.from; d < depth.to;) {
    const int tap = d / g.c, channel = d % g.c, channels = smaller(g.c - channel, depth.to - d);
    const int dy = g.offsetY[tap / g.tapsX], dx = g.offsetX[tap % g.tapsX];
    Position p = positionOf(g, first);
    float *to = a + (size_t)((d - depth.from) / WIDTH) * step;
    for (int row = 0; row < rows; row++, p.next(g), to += WIDTH) {
      const int y = p.y * g.strideY + dy, x = p.x * g.strideX + dx;
      float *at = to;
      if (y < 0 || y >= g.h || x < 0 || x >= g.w) {
        for (int i = 0; i < channels; i += WIDTH, at += step) store(at, Wide{});
      } else {
        const float *from = g.x + (((size_t)p.image * g.h + y) * g.w + x) * g.c + channel;
        for (int i = 0; i < channels; i += WIDTH, at += step) store(at, load<Wide>(from + i));
      }
    }
    d += channels;
  }
}

/** All taps of rows `first` … of a grid, in groups, for any number of channels. `line`: room for the values of a row, rounded up to whole vectors. */
inline void gatherAny(const Gather &g, int first, int rows, float *a, float *line) {
  const int depth = g.depth();
  const size_t step = (size_t)heightOf(rows) * WIDTH;
  for (int i = depth; i < up(depth, WIDTH); i++) line[i] = 0;
  Position p = positionOf(g, first);
  for (int row = 0; row < rows; row++, p.next(g)) {
    float *to = line;
    for (int r = 0; r < g.tapsY; r++) {
      const int y = p.y * g.strideY + g.offsetY[r];
      if (y < 0 || y >= g.h) {
        memset(to, 0, (size_t)g.tapsX * g.c * sizeof(float));
        to += g.tapsX * g.c;
        continue;
      }
      const float *from = g.x + ((size_t)p.image * g.h + y) * g.w * g.c;
      for (int s = 0; s < g.tapsX;) {
        const int x = p.x * g.strideX + g.offsetX[s];
        int run = 1;
        // Neighbors in the source are copied at once.
        while (s + run < g.tapsX && g.offsetX[s + run] == g.offsetX[s] + run && (x + run < 0 || x + run >= g.w) == (x < 0 || x >= g.w)) run++;
        if (x < 0 || x >= g.w) memset(to, 0, (size_t)run * g.c * sizeof(float));
        else copyFloats(to, from + (size_t)x * g.c, run * g.c);
        to += run * g.c;
        s += run;
      }
    }
    float *at = a + (size_t)row * WIDTH;
    for (int d = 0; d < depth; d += WIDTH, at += step) store(at, load<Wide>(line + d));
  }
}

/** How the rows of a product reach the output: a pixel for each position. */
struct Place {
  float *y;
  const float *bias;
  bool relu;
  int columns, height, width, stepY, stepX, phaseY, phaseX;

  bool valid(const Gather &g) const {
    constexpr int LIMIT = 1 << 24;
    for (const int size : {columns, height, width, stepY, stepX})
      if (size < 1 || size > LIMIT) return false;
    return phaseY >= 0 && phaseX >= 0 && (int64_t)(g.gridHeight - 1) * stepY + phaseY < height &&
           (int64_t)(g.gridWidth - 1) * stepX + phaseX < width;
  }
};

/** C of rows `first` … to where the output has them, with bias and relu. */
inline void placeRows(const Gather &g, const Place &place, const float *c, int first, int rows) {
  const int k = place.columns;
  eachPanel(up(k, 8), [&](Panel panel) {
    Position p = positionOf(g, first);
    const float *from = c + panelRow(panel, rows, 0);
    const int count = smaller(panel.columns, k - panel.first);
    for (int row = 0; row < rows; row++, p.next(g), from += panel.columns) {
      const size_t pixel = ((size_t)p.image * place.height + p.y * place.stepY + place.phaseY) * place.width + p.x * place.stepX + place.phaseX;
      float *to = place.y + pixel * k + panel.first;
      const float *bias = place.bias ? place.bias + panel.first : nullptr;
      lanes(count, [&](auto kind, int i) INLINED {
        using V = decltype(kind);
        V value = load<V>(from + i);
        if (bias) value += load<V>(bias + i);
        store(to + i, place.relu ? relu(value) : value);
      });
    }
  });
}

/** Floats of scratch of a product of `rows` rows: A, C and a line. */
INLINE size_t productScratch(int rows, int depth, int columns) {
  return (size_t)up(depth, WIDTH) * (heightOf(rows) + 1) + (size_t)heightOf(rows) * up(columns, 8) + 64;
}

/** y of the rows of one block. B in panels. */
inline void multiplyGathered(const Gather &g, const float *b, const Place &place, int first, int rows, float *scratch) {
  const int depth = g.depth(), columns = up(place.columns, 8);
  float *a = scratch, *line = a + (size_t)up(depth, WIDTH) * heightOf(rows), *c = line + up(depth, WIDTH);
  if (g.c % WIDTH == 0) gatherGroups(g, first, rows, {0, depth}, a);
  else gatherAny(g, first, rows, a, line);
  multiply(a, heightOf(rows), b, c, rows, depth, columns);
  placeRows(g, place, c, first, rows);
}

/** Weights of a product: where each is found by tap, channel and column. */
struct Weights {
  const float *w;
  int channels, columns, stepChannel, stepColumn, tapsY, tapsX, stepTap, kernelWidth;
  const int *indexY, *indexX;

  int depth() const { return tapsY * tapsX * channels; }
  /** The tap number `tap`, as a distance in the weights. */
  size_t tapAt(int tap) const { return ((size_t)indexY[tap / tapsX] * kernelWidth + indexX[tap % tapsX]) * stepTap; }

  bool valid() const {
    constexpr int LIMIT = 1 << 28;
    if (channels < 1 || columns < 1 || channels > LIMIT || columns > LIMIT || stepChannel < 0 || stepColumn < 0 || stepTap < 0 || kernelWidth < 0) return false;
    const int64_t deep = volume(tapsY, tapsX, channels);
    return deep >= 0 && deep < LIMIT;
  }

  /** How many floats they may reach. */
  int64_t reach() const {
    int64_t last = 0;
    for (int tap = 0; tap < tapsY * tapsX; tap++) {
      const int64_t y = indexY[tap / tapsX], x = indexX[tap % tapsX];
      const int64_t row = volume(y, kernelWidth), at = row < 0 || x < 0 ? -1 : volume(row + x, stepTap);
      if (at < 0) return -1;
      last = larger(last, at);
    }
    return last + ((int64_t)channels - 1) * stepChannel + ((int64_t)columns - 1) * stepColumn + 1;
  }
};

/** B in panels, eight columns from `first`. */
inline void packWeights(const Weights &w, float *b, int first) {
  const int depth = w.depth(), count = smaller(8, w.columns - first);
  const Panel panel = panelOf(first, up(w.columns, 8));
  float *to = b + panelRow(panel, depth, 0) + first - panel.first;
  for (int tap = 0; tap < w.tapsY * w.tapsX; tap++) {
    const float *from = w.w + w.tapAt(tap) + (size_t)first * w.stepColumn;
    for (int i = 0; i < w.channels; i++, from += w.stepChannel, to += panel.columns)
      for (int lane = 0; lane < 8; lane++) to[lane] = lane < count ? from[(size_t)lane * w.stepColumn] : 0;
  }
}

/** Some columns of dY of rows `first` … in panels. */
INLINE void packGradients(const float *dy, int columns, Range range, int first, int rows, float *c) {
  eachPanel(up(range.count(), 8), [&](Panel panel) {
    float *to = c + panelRow(panel, heightOf(rows), 0);
    const float *from = dy + (size_t)first * columns + range.from + panel.first;
    const int count = smaller(panel.columns, range.count() - panel.first);
    for (int row = 0; row < rows; row++, from += columns, to += panel.columns) {
      copyFloats(to, from, count);
      for (int i = count; i < panel.columns; i++) to[i] = 0;
    }
  });
}

/** A part of a filter gradient: of its rows (the depth), of its columns, and what of the positions is summed. */
struct FilterPart {
  Range depth, columns, rows;
};

/** Floats of scratch of a part: A, a line, dY and dW. */
INLINE size_t filterScratch(int rows, int depth, int columns) {
  return productScratch(rows, depth, columns) + (size_t)depth * up(columns, 8);
}

/** dW = AᵀdY of a part, in blocks of `rows`, to its place in `[depth][columns]`. */
inline void multiplyGradients(const Gather &g, const float *dy, int columns, float *dw, const FilterPart &part, int rows, float *scratch) {
  const int deep = part.depth.count(), padded = up(part.columns.count(), 8);
  float *a = scratch, *line = a + (size_t)up(deep, WIDTH) * heightOf(rows), *c = line + up(deep, WIDTH), *d = c + (size_t)heightOf(rows) * padded;
  for (int first = part.rows.from; first < part.rows.to; first += rows) {
    const int count = smaller(rows, part.rows.to - first), height = heightOf(count);
    if (g.c % WIDTH == 0) gatherGroups(g, first, count, part.depth, a);
    else gatherAny(g, first, count, a, line);
    packGradients(dy, columns, part.columns, first, count, c);
    if (first > part.rows.from) multiplyTransposed<true>(a, c, height, d, count, deep, padded);
    else multiplyTransposed<false>(a, c, height, d, count, deep, padded);
  }
  eachPanel(padded, [&](Panel panel) {
    const int count = smaller(panel.columns, part.columns.count() - panel.first);
    for (int i = 0; i < deep; i++)
      copyFloats(dw + (size_t)(part.depth.from + i) * columns + part.columns.from + panel.first, d + panelRow(panel, deep, i), count);
  });
}

/** Σ over `count` partial results of one row of `[depth][columns]`, `step` floats apart. */
inline void sumPartials(const float *partials, float *sum, int count, size_t step, int columns) {
  lanes(columns, [&](auto kind, int k) {
    using V = decltype(kind);
    V total = load<V>(partials + k);
    for (int p = 1; p < count; p++) total += load<V>(partials + p * step + k);
    store(sum + k, total);
  });
}

}  // namespace RESNET_LEVEL
