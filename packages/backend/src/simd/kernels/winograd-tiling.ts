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

/** Whether all tiles and vectors of the output are whole. */
export const hasWholeTiles = (p: ConvPlan): boolean => p.oh % 4 === 0 && p.ow % 4 === 0 && p.k % 4 === 0;

/** How the tiles of a convolution come in blocks. A strip is a row of tiles. */
export interface Tiling {
  /** Channels as the blocks have them. */
  c: number;
  k: number;
  strips: number;
  perBlock: number;
  blocks: number;
  /** Bytes that each thread needs. */
  scratch: number;
}

/** Divides a convolution into blocks of about 64 tiles, fewer where there are many channels. */
export function tiling(p: ConvPlan): Tiling {
  const columns = Math.ceil(p.ow / 4);
  const c = up(p.c, 4);
  const k = up(p.k, 8);
  const most = Math.floor(PLANE_FLOATS / Math.max(c, k) / 4) * 4;
  const tiles = Math.min(64, most, Math.max(16, BLOCK_BYTES / (144 * (c + k))));
  const strips = p.n * Math.ceil(p.oh / 4);
  const perBlock = Math.min(strips, Math.max(1, Math.floor(tiles / columns)));
  // A row of zeros, and the rows of a block with those above and below.
  const scratch = WINOGRAD_ZEROS + 4096 + (4 * perBlock + 3) * Math.max(p.w * p.c, p.ow * p.k) * 4;
  return { c, k, strips, perBlock, blocks: chunksOf(strips, perBlock), scratch };
}

/** A filter in the transformed domain: 36 planes, a line of cache between them. */
export const filterBytes = (c: number, k: number): number => 36 * (c * k * 4 + 64);
