import { InputMode } from '../../../contract/modes';
import type { SimdBackend } from '../backend';
import type { Block } from '../pool';
import { rowsOf } from '../rows';
import { type Deferred, type Input, releaseAll, retainAll } from './deferred';

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

/** a·x + b by channel, (+ extra), then relu if asked: a normalization, and what follows it up to the next convolution. */
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

  /** As a convolution reads it, where relu ends it and nothing is added (`fusion.ts`). */
  get input(): Input {
    return { mode: InputMode.Relu, block: this.parts.x, factors: this.parts.factors };
  }

  compute(): Block {
    const { shape, x, factors, extra, relu } = this.parts;
    const { rows, channels, block, chunks } = rowsOf(shape);
    const y = this.backend.temporary(rows * channels * 4, `a tensor [${shape.join(', ')}]`);
    const args = { x: x.pointer, y: y.pointer, factors: factors.pointer, rows, channels, block, relu };
    this.backend.runtime.run('NormApply', { ...args, extra: extra?.pointer }, { label: 'normalize', chunks });
    return y;
  }

  dispose(): void {
    const { x, factors, extra } = this.parts;
    releaseAll([x, factors, extra]);
  }
}
