import type { Block } from '../block';
import { planned } from '../planned';
import { rowsOf } from '../rows';
import type { WebGpuBackend } from '../webgpu-backend';
import { applyAffine } from '../wgsl/norm';
import type { Deferred, Input } from './deferred';

/** What an `Affine` is made of. */
export interface AffineParts {
  readonly shape: readonly number[];
  readonly x: Block;
  /** `[2, channels]`: gain, then shift. */
  readonly factors: Block;
  /** Added before relu. */
  readonly extra?: Block;
  readonly relu: boolean;
}

/** gain · x + shift by channel, (+ extra), then relu if asked: a normalization, and what follows it up to the next convolution. */
export class Affine implements Deferred {
  constructor(
    private readonly backend: WebGpuBackend,
    readonly parts: AffineParts,
  ) {
    for (const block of this.#blocks()) block.retain();
  }

  /** The same with another ending. */
  with(change: Partial<AffineParts>): Affine {
    return new Affine(this.backend, { ...this.parts, ...change });
  }

  /** As a convolution can take it, if it can. */
  get input(): Input | undefined {
    const { x, factors, extra, relu } = this.parts;
    return relu && !extra ? { block: x, factors } : undefined;
  }

  compute(): Block {
    const { shape, extra, relu } = this.parts;
    const { rows, channels } = rowsOf(shape);
    const y = this.backend.take(rows * channels);
    const program = planned(applyAffine, rows, channels, extra !== undefined, relu);
    this.backend.run(program, [...this.#blocks(), y]);
    return y;
  }

  dispose(): void {
    for (const block of this.#blocks()) block.release();
  }

  #blocks(): Block[] {
    const { x, factors, extra } = this.parts;
    return extra ? [x, factors, extra] : [x, factors];
  }
}
