import { Block } from '../block';
import { planned } from '../planned';
import type { WebGpuBackend } from '../webgpu-backend';
import { reluGradient } from '../wgsl/elementwise';
import type { Affine } from './affine';
import type { Deferred } from './deferred';
import type { InputGradient } from './input-gradient';

/** A block with one user more, computed if need be. */
export const blockOf = (part: Block | Deferred): Block => (part instanceof Block ? part.retain() : part.compute());

/** A gradient on its way through a relu: what of it the relu's output, or the normalization that gave its input, lets through. */
export class Masked implements Deferred {
  /** Takes `gradient` and `mask` over; a block with the user that was added for it. */
  constructor(
    private readonly backend: WebGpuBackend,
    readonly size: number,
    readonly gradient: Block | InputGradient,
    readonly mask: Block | Affine,
  ) {}

  compute(): Block {
    const dy = blockOf(this.gradient);
    const y = blockOf(this.mask);
    const dx = this.backend.take(this.size);
    this.backend.run(planned(reluGradient, this.size), [dy, y, dx]);
    dy.release();
    y.release();
    return dx;
  }

  dispose(): void {
    for (const part of [this.gradient, this.mask]) {
      if (part instanceof Block) part.release();
      else part.dispose();
    }
  }
}
