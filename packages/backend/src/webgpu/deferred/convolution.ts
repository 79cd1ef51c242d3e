import type { ConvPlan } from '../../simd/kernels/conv-plan';
import type { Block } from '../block';
import { planned } from '../planned';
import type { WebGpuBackend } from '../webgpu-backend';
import { convolution, type OutputMode } from '../wgsl/convolution';
import type { Pieces } from '../wgsl/norm';
import { blocksOf, type Deferred, type Input } from './deferred';

/** A result, and sums over pieces of its rows. */
export interface Summed extends Pieces {
  readonly y: Block;
  readonly sums: Block;
}

/** A convolution that has not run: a normalization behind it gets its statistics on the way. */
export class Convolution implements Deferred {
  constructor(
    private readonly backend: WebGpuBackend,
    readonly plan: ConvPlan,
    readonly input: Input,
    readonly filter: Block,
  ) {
    for (const block of [...blocksOf(input), filter]) block.retain();
  }

  compute(): Block {
    const y = this.#output();
    this.backend.run(this.#program('plain'), [...blocksOf(this.input), this.filter, y]);
    return y;
  }

  /** Computes it, with mean and squared deviations of each tile of rows. */
  computeWithStatistics(): Summed {
    const program = this.#program('statistics');
    const y = this.#output();
    const sums = this.backend.take(2 * program.parts * this.plan.k);
    this.backend.run(program, [...blocksOf(this.input), this.filter, y, sums]);
    return { y, sums, parts: program.parts, rows: program.tile.rows };
  }

  dispose(): void {
    for (const block of [...blocksOf(this.input), this.filter]) block.release();
  }

  #program(output: OutputMode) {
    return planned(convolution, this.plan, this.input.factors ? 'affine-relu' : 'plain', output);
  }

  #output(): Block {
    const { n, oh, ow, k } = this.plan;
    return this.backend.take(n * oh * ow * k);
  }
}
