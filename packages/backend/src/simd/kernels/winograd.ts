import type { TensorInfo } from '@tensorflow/tfjs-core';
import { Job } from '../../../assembly/jobs';
import type { SimdBackend } from '../backend';
import { chunksOf } from '../kernel';
import type { Block } from '../pool';
import { type ConvPlan, type Epilogue, isWinograd, outputShape } from './conv-plan';

const up = (value: number, multiple: number): number => Math.ceil(value / multiple) * multiple;

/** Bytes of a transformed block that fit in a core's cache beside the filter. */
const BLOCK_BYTES = 300_000;
/** Values in a plane of a block, and columns in a strip, as `assembly/winograd.ts` lays them out. */
const PLANE = 8192;
const STRIP = 1024;
/** Bytes of scratch apart from the row of zeros at its end. */
const SCRATCH = 72 * (PLANE * 4 + 64) + 12 * (STRIP * 16 + 192) + 8192;

/** Whether the layout of the scratch has room for the rows and channels of `p`. */
export const fitsWinograd = (p: ConvPlan): boolean =>
  isWinograd(p) && Math.max(p.w, p.ow) <= STRIP - 8 && up(Math.ceil(p.ow / 4), 4) * Math.max(up(p.c, 4), up(p.k, 8)) <= PLANE;

/** How the tiles of a convolution come in blocks. A strip is a row of tiles. */
function tiling(p: ConvPlan) {
  const columns = Math.ceil(p.ow / 4);
  const c = up(p.c, 4);
  const k = up(p.k, 8);
  const most = Math.floor(PLANE / Math.max(c, k) / 4) * 4;
  const tiles = Math.min(64, most, Math.max(16, BLOCK_BYTES / (144 * (c + k))));
  const strips = p.n * Math.ceil(p.oh / 4);
  const perBlock = Math.min(strips, Math.max(1, Math.floor(tiles / columns)));
  const scratch = SCRATCH + Math.max(p.w * p.c, p.ow * p.k) * 4;
  return { c, k, strips, perBlock, blocks: chunksOf(strips, perBlock), scratch };
}

const geometry = (p: ConvPlan, t: ReturnType<typeof tiling>): number[] => [
  p.h,
  p.w,
  p.c,
  p.oh,
  p.ow,
  p.k,
  p.top,
  p.left,
  t.perBlock,
  t.strips,
];

/** A filter in the transformed domain: 36 planes, a line of cache between them. */
const filterBytes = (c: number, k: number): number => 36 * (c * k * 4 + 64);

function transformedFilter(backend: SimdBackend, filter: TensorInfo, p: ConvPlan, flipped: boolean): Block {
  const u = backend.temporary(filterBytes(up(p.c, 4), up(p.k, 8)), 'a transformed filter');
  const args = [backend.pointer(filter), u.pointer, p.c, p.k, flipped ? 1 : 0];
  backend.runtime.scratch(1024);
  backend.runtime.run(Job.WinogradWeights, 'filter transform', up(p.k, 8) / 8, args, p.c * p.k > 2000);
  return u;
}

/** y = x ∗ filter. With `flipped` the input gradient: x is dy and the plan is the `inputGradientPlan`. */
export function winogradForward(
  backend: SimdBackend,
  x: TensorInfo,
  filter: TensorInfo,
  p: ConvPlan,
  { bias, relu }: Epilogue,
  flipped = false,
): TensorInfo {
  const t = tiling(p);
  const from = backend.pointer(x);
  const shift = bias ? backend.pointer(bias) : 0;
  const y = backend.makeOutputTensor(outputShape(p));
  const u = transformedFilter(backend, filter, p, flipped);
  backend.runtime.scratch(t.scratch);
  const args = [from, u.pointer, backend.pointer(y), ...geometry(p, t), shift, relu ? 1 : 0];
  backend.runtime.run(
    Job.WinogradForward,
    `winograd ${flipped ? 'input gradient' : 'forward'} ${p.c}→${p.k}`,
    t.blocks,
    args,
  );
  u.release();
  return y;
}

/** dfilter of y = x ∗ filter. */
export function winogradFilter(backend: SimdBackend, x: TensorInfo, dy: TensorInfo, p: ConvPlan): TensorInfo {
  const t = tiling(p);
  const size = filterBytes(t.c, t.k);
  const chunks = Math.min(t.blocks, Math.max(8, Math.min(32, Math.floor(2 ** 21 / size))));
  const perChunk = Math.ceil(t.blocks / chunks);
  const partials = chunksOf(t.blocks, perChunk);
  const from = [backend.pointer(x), backend.pointer(dy)];
  const dw = backend.makeOutputTensor([3, 3, p.c, p.k]);
  const du = backend.temporary(size * partials, 'partial filter gradients');
  backend.runtime.scratch(t.scratch);
  backend.runtime.run(Job.WinogradFilter, `winograd filter gradient ${p.c}→${p.k}`, partials, [
    ...from,
    du.pointer,
    ...geometry(p, t),
    perChunk,
  ]);
  const args = [du.pointer, backend.pointer(dw), partials, p.c, p.k];
  backend.runtime.run(Job.WinogradFilterFinish, 'filter gradient, last step', t.c / 4, args, p.c * p.k > 2000);
  du.release();
  return dw;
}
