import { InputMode } from '../../../contract/modes';
import type { SimdBackend } from '../backend';
import type { Block } from '../pool';
import { rowsOf } from '../rows';
import { type Deferred, type Input, releaseAll, retainAll } from './deferred';

/** a·g + b·x + c by channel: the gradient that leaves a normalization of x. */
export class NormGradient implements Deferred {
  constructor(
    private readonly backend: SimdBackend,
    readonly shape: number[],
    readonly g: Block,
    readonly x: Block,
    /** a, b and c by channel, each padded to a multiple of four. */
    readonly factors: Block,
  ) {
    retainAll([g, x, factors]);
  }

  /** As a convolution can take it. */
  get input(): Input {
    return { mode: InputMode.NormGradient, block: this.g, factors: this.factors, other: this.x };
  }

  compute(): Block {
    const { rows, channels, block, chunks } = rowsOf(this.shape);
    const dx = this.backend.temporary(rows * channels * 4, `a tensor [${this.shape.join(', ')}]`);
    const pointers = { g: this.g.pointer, x: this.x.pointer, factors: this.factors.pointer, dx: dx.pointer };
    const args = { ...pointers, rows, channels, block };
    this.backend.runtime.run('NormGradientApply', args, { label: 'norm gradient', chunks });
    return dx;
  }

  dispose(): void {
    releaseAll([this.g, this.x, this.factors]);
  }
}
