import { PLANE_FLOATS, STRIP_COLUMNS, WINOGRAD_ZEROS } from '../../../contract/layout';
import { chunksOf } from '../kernel';
import { type ConvPlan, isWinograd } from './conv-plan';

/** Rounds up to a multiple. */
export const up = (value: number, multiple: number): number => Math.ceil(value / multiple) * multiple;

/** Bytes of a transformed block that fit in a core's cache beside the filter. */
const BLOCK_BYTES = 300_000;

/** Whether the layout of the scratch has room for the rows and channels of `p`. */
export const fitsWinograd = (p: ConvPlan): boolean =>
  isWinograd(p) &&
  Math.max(p.w, p.ow) <= STRIP_COLUMNS - 8 &&
  up(Math.ceil(p.ow / 4), 4) * Math.max(up(p.c, 4), up(p.k, 8)) <= PLANE_FLOATS;

/** How the tiles of a convolution come in blocks. A strip is a row of tiles. */
export interface Tiling {
  /** Channels as the blocks have them. */
  c: number;
  k: number;
  strips: number;
  perBlock: number;
  blocks: number;
  /** Values of each channel in a block; the last has the rest. */
  values: number;
  /** Whether sums over the output can be taken by block on the way. */
  sums: boolean;
  /** Bytes that each thread needs. */
  scratch: number;
}

/** Tiles of a block: about 64, fewer where there are many channels. */
function tilesOf({ n, oh, ow }: ConvPlan, channels: number, most: number, native: boolean): number {
  if (!native) return Math.min(64, most, Math.max(16, BLOCK_BYTES / (144 * channels)));
  // The more tiles, the less often the filter is read; but there should be eight blocks, for threads to share.
  const all = n * Math.ceil(oh / 4) * Math.ceil(ow / 4);
  return Math.max(16, Math.min(64, Math.max(32, BLOCK_BYTES / (144 * channels)), all / 8));
}

/** Divides a convolution into blocks. Native code can sum over incomplete tiles, too, if blocks are whole images. */
export function tiling(p: ConvPlan, native: boolean): Tiling {
  const columns = Math.ceil(p.ow / 4);
  const rows = Math.ceil(p.oh / 4);
  const c = up(p.c, 4);
  const k = up(p.k, 8);
  const most = Math.floor(PLANE_FLOATS / Math.max(c, k) / 4) * 4;
  const strips = p.n * rows;
  const fitting = Math.min(strips, Math.max(1, Math.floor(tilesOf(p, c + k, most, native) / columns)));
  const images = native && p.oh % 4 > 0 && fitting >= rows ? Math.floor(fitting / rows) : 0;
  const perBlock = images ? images * rows : fitting;
  const values = images ? images * p.oh * p.ow : perBlock * 4 * p.ow;
  const whole = p.oh % 4 === 0 && (native || p.ow % 4 === 0);
  const sums = (images > 0 || whole) && p.k % 4 === 0;
  // A row of zeros, and the rows of a block with those above and below.
  const scratch = WINOGRAD_ZEROS + 4096 + (4 * perBlock + 3) * Math.max(p.w * p.c, p.ow * p.k) * 4;
  return { c, k, strips, perBlock, blocks: chunksOf(strips, perBlock), values, sums, scratch };
}

/** A filter in the transformed domain: 36 planes, a line of cache between them. */
export const filterBytes = (c: number, k: number): number => 36 * (c * k * 4 + 64);
