import { Job } from '../../../assembly/jobs';
import type { SimdBackend } from '../backend';
import type { Block } from '../pool';
import { rowsOf } from '../rows';
import { type Deferred, type Input, InputMode, releaseAll, retainAll } from './deferred';

/** What an `Affine` is made of. */
export interface AffineParts {
  shape: number[];
  x: Block;
  /** a and b by channel, each padded to a multiple of four. */
  factors: Block;
  /** Added before relu. */
  extra?: Block;
  relu: boolean;
}

/** a·x + b by channel, (+ extra), then relu if asked: a normalisation, and what follows it up to the next convolution. */
export class Affine implements Deferred {
  constructor(
    private readonly backend: SimdBackend,
    readonly parts: AffineParts,
  ) {
    retainAll([parts.x, parts.factors, parts.extra]);
  }

  /** The same with another ending. */
  with(change: Partial<AffineParts>): Affine {
    return new Affine(this.backend, { ...this.parts, ...change });
  }

  /** As a convolution can take it, if it can. */
  get input(): Input | undefined {
    const { x, factors, extra, relu } = this.parts;
    return relu && !extra ? { mode: InputMode.Relu, block: x, factors } : undefined;
  }

  compute(): Block {
    const { shape, x, factors, extra, relu } = this.parts;
    const { rows, channels, block, chunks } = rowsOf(shape);
    const y = this.backend.temporary(rows * channels * 4, `a tensor [${shape.join(', ')}]`);
    const args = [x.pointer, y.pointer, factors.pointer, rows, channels, block, relu ? 1 : 0, extra?.pointer ?? 0];
    this.backend.runtime.run(Job.NormApply, 'normalise', chunks, args);
    return y;
  }

  dispose(): void {
    const { x, factors, extra } = this.parts;
    releaseAll([x, factors, extra]);
  }
}
