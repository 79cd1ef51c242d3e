// The two register kernels that all convolutions and products end in. Operands have one of two layouts:
//   groups  [depth/WIDTH][rows][WIDTH]    what is broadcast: all offsets within a group are constants of the instruction
//   panels  [columns/PANEL][rows][PANEL]  what is read and written by vectors; the last panels are narrower (WIDTH, then 8), so that columns are
//                                         padded to a multiple of 8 only
#pragma once

#include "vector.hpp"

namespace RESNET_LEVEL {

/** Vectors in a panel: as many accumulators as there are registers for, see `TILE_ROWS`. */
constexpr int PANEL_VECTORS = WIDTH == 4 ? 4 : 2;
constexpr int PANEL = PANEL_VECTORS * WIDTH;

/** A panel of the layout: its first column and how many it has. */
struct Panel {
  int first, columns;
};

/** The panel of `columns` (a multiple of 8) that column `k` lies in. */
INLINE Panel panelOf(int k, int columns) {
  const int whole = columns / PANEL * PANEL;
  if (k < whole) return {k / PANEL * PANEL, PANEL};
  if (WIDTH == 16 && whole + 16 <= columns && k < whole + 16) return {whole, 16};
  const int first = WIDTH == 16 && whole + 16 <= columns ? whole + 16 : whole;
  return {first + (k - first) / 8 * 8, 8};
}

/** Where the row `row` of a panel begins in a matrix of `rows`, in floats. */
INLINE size_t panelRow(Panel panel, int rows, int row) { return (size_t)panel.first * rows + (size_t)row * panel.columns; }

/** Calls `f(panel)` for every panel. */
template <class F> INLINE void eachPanel(int columns, F f) {
  for (int k = 0; k < columns;) {
    const Panel panel = panelOf(k, columns);
    f(panel);
    k += panel.columns;
  }
}

/** Where row `row` and column `d` of a matrix of `rows` in groups lies, in floats. */
INLINE size_t groupAt(int d, int rows, int row) { return ((size_t)(d / WIDTH) * rows + row) * WIDTH + d % WIDTH; }

/** C = A·B for `ROWS` rows and one panel. `step`: floats from one group of A to the next. */
template <class V, int ROWS, int VECTORS>
void multiplyTile(const float *__restrict a, size_t step, const float *__restrict b, float *__restrict c, int depth) {
  constexpr int N = LANES<V>, COLUMNS = VECTORS * N;
  V sum[ROWS][VECTORS] = {};
  const auto at = [&](int d) INLINED {
    V w[VECTORS];
    UNROLL for (int j = 0; j < VECTORS; j++) w[j] = load<V>(b + d * COLUMNS + j * N);
    UNROLL for (int r = 0; r < ROWS; r++) {
      const V x = splat<V>(a[r * WIDTH + d]);
      UNROLL for (int j = 0; j < VECTORS; j++) sum[r][j] += x * w[j];
    }
  };
  for (; depth >= WIDTH; depth -= WIDTH, a += step, b += WIDTH * COLUMNS)
    for (int d = 0; d < WIDTH; d += 4) { at(d); at(d + 1); at(d + 2); at(d + 3); }
  for (int d = 0; d < depth; d++) at(d);
  UNROLL for (int r = 0; r < ROWS; r++)
    UNROLL for (int j = 0; j < VECTORS; j++) store(c + r * COLUMNS + j * N, sum[r][j]);
}

/** D (+)= AᵀB for `ROWS` neighbors of a group of A and one panel of B. */
template <class V, int ROWS, int VECTORS, bool ADD>
void multiplyTransposedTile(const float *__restrict a, const float *__restrict b, float *__restrict d, int rows) {
  constexpr int N = LANES<V>, COLUMNS = VECTORS * N;
  V sum[ROWS][VECTORS];
  UNROLL for (int r = 0; r < ROWS; r++)
    UNROLL for (int j = 0; j < VECTORS; j++) sum[r][j] = ADD ? load<V>(d + r * COLUMNS + j * N) : V{};
  const auto at = [&](int p) INLINED {
    V w[VECTORS];
    UNROLL for (int j = 0; j < VECTORS; j++) w[j] = load<V>(b + p * COLUMNS + j * N);
    UNROLL for (int r = 0; r < ROWS; r++) {
      const V x = splat<V>(a[p * WIDTH + r]);
      UNROLL for (int j = 0; j < VECTORS; j++) sum[r][j] += x * w[j];
    }
  };
  for (; rows >= 4; rows -= 4, a += 4 * WIDTH, b += 4 * COLUMNS) { at(0); at(1); at(2); at(3); }
  for (int p = 0; p < rows; p++) at(p);
  UNROLL for (int r = 0; r < ROWS; r++)
    UNROLL for (int j = 0; j < VECTORS; j++) store(d + r * COLUMNS + j * N, sum[r][j]);
}

/** Rows of a tile by the vectors of its panel: 12 accumulators of 16 registers, 24 of 32. */
template <int VECTORS> constexpr int TILE_ROWS = (WIDTH == 8 ? 12 : 24) / VECTORS;
/** Rows of a transposed tile: neighbors in a group, so a divisor of WIDTH. */
constexpr int TRANSPOSED_ROWS = WIDTH == 16 ? 8 : 4;

/** Chooses the instance for `rows`, 1 … ROWS. */
template <class V, int VECTORS, int ROWS = TILE_ROWS<VECTORS>>
INLINE void multiplyRows(int rows, const float *a, size_t step, const float *b, float *c, int depth) {
  if (rows == ROWS) multiplyTile<V, ROWS, VECTORS>(a, step, b, c, depth);
  else if constexpr (ROWS > 1) multiplyRows<V, VECTORS, ROWS - 1>(rows, a, step, b, c, depth);
}

template <class V, int VECTORS, bool ADD, int ROWS = TRANSPOSED_ROWS>
INLINE void multiplyTransposedRows(int rows, const float *a, const float *b, float *d, int count) {
  if (rows == ROWS) multiplyTransposedTile<V, ROWS, VECTORS, ADD>(a, b, d, count);
  else if constexpr (ROWS > 1) multiplyTransposedRows<V, VECTORS, ADD, ROWS - 1>(rows, a, b, d, count);
}

/** Calls `f(V{}, vectors)` with the vector type and the number of vectors, both constants, that make up a panel of `columns`. */
template <class F> INLINE void withShape(int columns, F f) {
  if (columns == PANEL) f(Wide{}, Number<PANEL_VECTORS>{});
  else if constexpr (WIDTH == 16) { if (columns == 16) f(Wide{}, Number<1>{}); else f(Vector<8>{}, Number<1>{}); }
  else if constexpr (WIDTH == 8) f(Wide{}, Number<1>{});
  else f(Wide{}, Number<2>{});
}

/** C = A·B. A in groups of `height` rows, of which `rows` count; B in panels of `depth` rows, C in panels of `rows`. */
inline void multiply(const float *a, int height, const float *b, float *c, int rows, int depth, int columns) {
  const size_t step = (size_t)height * WIDTH;
  eachPanel(columns, [&](Panel panel) {
    const float *w = b + panelRow(panel, depth, 0);
    float *y = c + panelRow(panel, rows, 0);
    withShape(panel.columns, [&](auto v, auto vectors) {
      using V = decltype(v);
      constexpr int VECTORS = decltype(vectors)::value;
      // Tiles of about the same size: a thin last one would leave registers idle.
      const int tiles = parts(rows, TILE_ROWS<VECTORS>);
      for (int i = 0, r = 0; i < tiles; i++) {
        const int end = (int)((int64_t)rows * (i + 1) / tiles);
        multiplyRows<V, VECTORS>(end - r, a + (size_t)r * WIDTH, step, w, y + (size_t)r * panel.columns, depth);
        r = end;
      }
    });
  });
}

/** D = AᵀB, or D += AᵀB, over `rows`. A in groups and B in panels of `height` rows; D in panels of `depth` rows. */
template <bool ADD> void multiplyTransposed(const float *a, const float *b, int height, float *d, int rows, int depth, int columns) {
  eachPanel(columns, [&](Panel panel) {
    const float *y = b + panelRow(panel, height, 0);
    withShape(panel.columns, [&](auto v, auto vectors) {
      for (int i = 0; i < depth; i += TRANSPOSED_ROWS)
        multiplyTransposedRows<decltype(v), decltype(vectors)::value, ADD>(
            smaller(TRANSPOSED_ROWS, depth - i), a + groupAt(i, height, 0), y, d + panelRow(panel, depth, i), rows);
    });
  });
}

}  // namespace RESNET_LEVEL
