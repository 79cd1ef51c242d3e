import { fold, type Grid } from '../program';

/** What one workgroup and one invocation of a product compute. */
export interface Tile {
  /** Rows and columns of a workgroup's tile. */
  readonly rows: number;
  readonly columns: number;
  /** Rows and columns of an invocation's part of it, each a multiple of 4, held in registers. */
  readonly height: number;
  readonly width: number;
  /** Length of the slices of the inner axis that are staged in workgroup memory; a multiple of 4. */
  readonly depth: number;
}

/** A factor of a product, read through WGSL so that it need not exist as a matrix. */
export interface Operand {
  /** Along which axis four values lie side by side: the inner one, or its own (rows of the left, columns of the right). */
  readonly along: 'inner' | 'own';
  /** Whether `load` gives vec4f of those four, or f32 of one. */
  readonly vector: boolean;
  /** `fn NAME(own: u32, inner: u32) -> vec4f | f32`; both are inside the matrix. */
  readonly load: string;
}

/** C [rows × columns] = A [rows × inner] · B [inner × columns]. */
export interface Product {
  readonly rows: number;
  readonly columns: number;
  readonly inner: number;
  /** Workgroups along z: pieces of `inner`, or independent products. */
  readonly layers: number;
  /** Length of a layer's piece of the inner axis; `inner` where layers are independent. */
  readonly piece: number;
  readonly tile: Tile;
  /** Declarations: buffers, private variables. */
  readonly declarations: string;
  /** Named `left` and `right` in WGSL. */
  readonly left: Operand;
  readonly right: Operand;
  /** Statements at the start of `main`; `layer`, `tile_m` (index of the row tile) are known. */
  readonly prologue?: string;
  /** `fn store(row: u32, column: u32, value: vec4f) -> vec4f`: writes four columns and returns what was written, in bounds of rows only. */
  readonly store: string;
  /** Statements after all stores, with `sum_columns` for reductions over the rows of the tile. */
  readonly epilogue?: (values: Accumulators) => string;
}

/** What an epilogue may use. */
export interface Accumulators {
  readonly tile: Tile;
  readonly threads: number;
  /** Every vector of four columns: its variable, and WGSL for whether its row is inside. */
  readonly vectors: readonly { readonly name: string; readonly inside: string; readonly column: number }[];
  /** Vectors of columns of an invocation. */
  readonly wide: number;
  readonly threadsAcross: number;
}

const range = (count: number): number[] => Array.from({ length: count }, (_, i) => i);

/** Invocations of a workgroup. */
export const threadsOf = ({ rows, columns, height, width }: Tile): number => (rows / height) * (columns / width);

/** Tiles in the order of how well they use registers; all fit WebGPU's default limits (256 invocations, 16 KiB). */
export const tiles: readonly Tile[] = [
  { rows: 128, columns: 64, height: 8, width: 8, depth: 16 },
  { rows: 64, columns: 64, height: 8, width: 4, depth: 16 },
  { rows: 128, columns: 32, height: 8, width: 4, depth: 16 },
  { rows: 64, columns: 64, height: 4, width: 4, depth: 16 },
  { rows: 64, columns: 32, height: 4, width: 4, depth: 16 },
  { rows: 32, columns: 64, height: 4, width: 4, depth: 16 },
  { rows: 128, columns: 16, height: 4, width: 4, depth: 16 },
  { rows: 32, columns: 32, height: 4, width: 4, depth: 16 },
  { rows: 64, columns: 16, height: 4, width: 4, depth: 16 },
  { rows: 32, columns: 16, height: 4, width: 4, depth: 16 },
];

/** Invocations that fill a large GPU: 132 multiprocessors with eight warps each. */
const FILLED = 132 * 256;

/** The best tile that still gives enough invocations to fill a GPU, or the one that gives most. */
export function chooseTile(rows: number, columns: number, layers = 1, widest = 8): Tile {
  const narrow = tiles.filter((tile) => tile.width <= widest);
  const sized = narrow.filter((tile) => tile.columns <= roundUp(columns, 16) || tile.columns === 16);
  // The widest columns that are not mostly empty, so that the left factor is read least often.
  const columnsOf = Math.max(...sized.map((tile) => tile.columns));
  const candidates = sized.filter((tile) => tile.columns === columnsOf);
  const invocations = (tile: Tile) =>
    Math.ceil(rows / tile.rows) * Math.ceil(columns / tile.columns) * layers * threadsOf(tile);
  return (
    candidates.find((tile) => invocations(tile) >= FILLED) ??
    candidates.reduce((best, tile) => (invocations(tile) > invocations(best) ? tile : best))
  );
}

const roundUp = (value: number, multiple: number): number => Math.ceil(value / multiple) * multiple;

/** Workgroups of a product: row tiles folded over nothing, column tiles, layers. */
export function gridOf({ rows, columns, layers, tile }: Pick<Product, 'rows' | 'columns' | 'layers' | 'tile'>): Grid {
  const [down, across] = [Math.ceil(rows / tile.rows), Math.ceil(columns / tile.columns)];
  return fold(down * across * layers);
}

/**
 * A product in WGSL. A workgroup computes a tile: slices of both factors are staged in workgroup memory (the left one
 * transposed, so that both are read as vec4f), the next slice is on its way in registers meanwhile. All shapes are constants.
 */
export function gemm(product: Product): string {
  const { rows, columns, inner, layers, piece, tile, left, right } = product;
  const { depth, height, width } = tile;
  const threads = threadsOf(tile);
  const [threadsAcross, wide, tall] = [tile.columns / width, width / 4, height / 4];
  const threadsDown = tile.rows / height;
  const [strideA, strideB] = [tile.rows / 4 + 1, tile.columns / 4];
  const [down, across] = [Math.ceil(rows / tile.rows), Math.ceil(columns / tile.columns)];
  const a = staging('left', left, {
    size: tile.rows,
    limit: rows,
    origin: 'm0',
    stride: strideA,
    store: 'slice_a',
    threads,
    depth,
    whole: whole(inner, piece),
  });
  const b = staging('right', right, {
    size: tile.columns,
    limit: columns,
    origin: 'n0',
    stride: strideB,
    store: 'slice_b',
    threads,
    depth,
    whole: whole(inner, piece),
  });
  const accumulators = range(height).flatMap((row) =>
    range(wide).map((j) => ({
      name: `c${row}_${j}`,
      row: `m0 + (tm + ${Math.floor(row / 4) * threadsDown}u) * 4u + ${row % 4}u`,
      column: j,
    })),
  );
  const step = range(tall)
    .map((q) => `let a${q} = slice_a[k * ${strideA}u + tm + ${q * threadsDown}u];`)
    .concat(range(wide).map((j) => `let b${j} = slice_b[k * ${strideB}u + tn + ${j * threadsAcross}u];`))
    .concat(
      range(height).flatMap((row) =>
        range(wide).map((j) => `c${row}_${j} = fma(vec4f(a${Math.floor(row / 4)}[${row % 4}]), b${j}, c${row}_${j});`),
      ),
    )
    .join(' ');
  const stores = accumulators.map(
    ({ name, row, column }) =>
      `if (${row} < ${rows}u) { ${name} = store(${row}, n0 + (tn + ${column * threadsAcross}u) * 4u, ${name}); }`,
  );
  const vectors = accumulators.map(({ name, row, column }) => ({ name, inside: `(${row} < ${rows}u)`, column }));
  return `
${product.declarations}
var<workgroup> slice_a: array<vec4f, ${depth * strideA}>;
var<workgroup> slice_b: array<vec4f, ${depth * strideB}>;
${left.load}
${right.load}
${product.store}
@compute @workgroup_size(${threads})
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) local: u32) {
  let flat = group.x + group.y * groups.x;
  if (flat >= ${down * across * layers}u) { return; }
  let layer = flat / ${down * across}u;
  let tile_n = (flat % ${down * across}u) % ${across}u;
  let tile_m = (flat % ${down * across}u) / ${across}u;
  let m0 = tile_m * ${tile.rows}u;
  let n0 = tile_n * ${tile.columns}u;
  let tn = local % ${threadsAcross}u;
  let tm = local / ${threadsAcross}u;
  ${product.prologue ?? ''}
  let begin = ${piece >= inner ? '0u' : `layer * ${piece}u`};
  let end = ${piece >= inner ? `${inner}u` : `min(begin + ${piece}u, ${inner}u)`};
  ${accumulators.map(({ name }) => `var ${name} = vec4f(0.0);`).join(' ')}
  ${a.declare} ${b.declare}
  // The next slice comes into registers while the present one is multiplied; each step is written once, for the sake of compilers.
  for (var k0 = begin; ; k0 += ${depth}u) {
    if (k0 < end) { ${a.load} ${b.load} }
    if (k0 > begin) { for (var k = 0u; k < ${depth}u; k++) { ${step} } }
    if (k0 >= end) { break; }
    workgroupBarrier();
    ${a.write}
    ${b.write}
    workgroupBarrier();
  }
  ${stores.join('\n  ')}
  ${product.epilogue?.({ tile, threads, vectors, wide, threadsAcross }) ?? ''}
}`;
}

const whole = (inner: number, piece: number): boolean => inner % 4 === 0 && piece % 4 === 0;

interface Place {
  readonly size: number;
  readonly limit: number;
  readonly origin: string;
  readonly stride: number;
  readonly store: string;
  readonly threads: number;
  readonly depth: number;
  readonly whole: boolean;
}

/** How a factor gets from memory to registers to workgroup memory: `[inner][own / 4]` there, whichever way it lies. */
function staging(name: string, { along, vector }: Operand, place: Place) {
  const { size, limit, origin, stride, store, threads, depth } = place;
  const count = (size / 4) * (along === 'inner' ? depth / 4 : depth);
  const items = range(Math.ceil(count / threads)).map((i) => {
    const partial = (i + 1) * threads > count;
    const id = `(local + ${i * threads}u)`;
    const guard = (code: string) => (partial ? `if (${id} < ${count}u) { ${code} }` : `{ ${code} }`);
    return { i, id, guard };
  });
  if (along === 'own') {
    // One vector of four neighbors of the own axis for each inner index.
    const parts = (id: string) => `let q = ${id} % ${size / 4}u; let kk = ${id} / ${size / 4}u;`;
    const fetch = (v: string) =>
      vector && limit % 4 === 0
        ? `if (own < ${limit}u && ik < end) { ${v} = ${name}(own, ik); }`
        : `if (ik < end) { ${range(4)
            .map((j) => `if (own + ${j}u < ${limit}u) { ${v}[${j}] = ${name}(own + ${j}u, ik)${vector ? '.x' : ''}; }`)
            .join(' ')} }`;
    return {
      declare: items.map(({ i }) => `var ${name}${i} = vec4f(0.0);`).join(' '),
      load: items
        .map(({ i, id, guard }) =>
          guard(
            `${parts(id)} let own = ${origin} + q * 4u; let ik = k0 + kk; ${name}${i} = vec4f(0.0); ${fetch(`${name}${i}`)}`,
          ),
        )
        .join('\n'),
      write: items
        .map(({ i, id, guard }) => guard(`${parts(id)} ${store}[kk * ${stride}u + q] = ${name}${i};`))
        .join('\n'),
    };
  }
  // Four vectors along the inner axis, transposed on their way into workgroup memory.
  const parts = (id: string) => `let kq = (${id} % ${depth / 4}u) * 4u; let q = ${id} / ${depth / 4}u;`;
  const fetch = (v: string, r: number) =>
    vector && place.whole
      ? `if (own + ${r}u < ${limit}u && ik < end) { ${v} = ${name}(own + ${r}u, ik); }`
      : `if (own + ${r}u < ${limit}u) { ${range(4)
          .map((j) => `if (ik + ${j}u < end) { ${v}[${j}] = ${name}(own + ${r}u, ik + ${j}u)${vector ? '.x' : ''}; }`)
          .join(' ')} }`;
  return {
    declare: items
      .map(({ i }) =>
        range(4)
          .map((r) => `var ${name}${i}_${r} = vec4f(0.0);`)
          .join(' '),
      )
      .join(' '),
    load: items
      .map(({ i, id, guard }) =>
        guard(
          `${parts(id)} let own = ${origin} + q * 4u; let ik = k0 + kq; ${range(4)
            .map((r) => `${name}${i}_${r} = vec4f(0.0); ${fetch(`${name}${i}_${r}`, r)}`)
            .join(' ')}`,
        ),
      )
      .join('\n'),
    write: items
      .map(({ i, id, guard }) =>
        guard(
          `${parts(id)} ${range(4)
            .map(
              (j) =>
                `${store}[(kq + ${j}u) * ${stride}u + q] = vec4f(${range(4)
                  .map((r) => `${name}${i}_${r}[${j}]`)
                  .join(', ')});`,
            )
            .join(' ')}`,
        ),
      )
      .join('\n'),
  };
}
