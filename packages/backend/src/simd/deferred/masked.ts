import type { SimdBackend } from '../backend';
import { chunksOf } from '../kernel';
import type { Block } from '../pool';
import type { Affine } from './affine';
import type { Convolution } from './convolution';
import { type Deferred, using } from './deferred';

const BLOCK = 32_768;

/** A block with a user more, computed if need be. */
export const blockOf = (part: Block | Deferred): Block => ('compute' in part ? part.compute() : part.retain());

/** A gradient on its way through a relu: what of it the relu's output, or the normalization that gave its input, lets through. */
export class Masked implements Deferred {
  /** Takes `gradient` and `mask` over; a block with the user that was added for it. */
  constructor(
    private readonly backend: SimdBackend,
    readonly shape: number[],
    readonly gradient: Block | Convolution,
    readonly mask: Block | Affine,
  ) {}

  compute(): Block {
    const size = this.shape.reduce((a, b) => a * b, 1);
    return using(blockOf(this.gradient), (dy) =>
      using(blockOf(this.mask), (y) => {
        const dx = this.backend.temporary(size * 4, `a tensor [${this.shape.join(', ')}]`);
        const args = { dy: dy.pointer, y: y.pointer, dx: dx.pointer, size, block: BLOCK };
        this.backend.runtime.run('ReluGradient', args, { label: 'relu gradient', chunks: chunksOf(size, BLOCK) });
        return dx;
      }),
    );
  }

  dispose(): void {
    for (const part of [this.gradient, this.mask]) {
      if ('compute' in part) part.dispose();
      else part.release();
    }
  }
}
