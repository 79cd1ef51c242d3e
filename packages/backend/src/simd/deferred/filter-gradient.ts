import type { JobArguments } from '../../../contract/encode';
import type { SimdBackend } from '../backend';
import { chunksOf } from '../kernel';
import type { ConvPlan } from '../kernels/conv-plan';
import { filterBytes, type Tiling, tiling } from '../kernels/winograd-tiling';
import type { Block } from '../pool';
import { type Deferred, type Input, inputBlocks, releaseAll, retainAll } from './deferred';
import { passArguments } from './pass-arguments';

/** Partial results of a filter gradient on their way. */
export interface Partials {
  du: Block;
  count: number;
  /** Arguments of the job. */
  args: JobArguments<'WinogradFilterGradient'>;
}

/** The filter gradient of a 3×3 stride-1 convolution. The input gradient of the same convolution, if it runs first, does it on the way. */
export class FilterGradient implements Deferred {
  #result: Block | undefined;
  #done = false;
  readonly tiling: Tiling;

  constructor(
    private readonly backend: SimdBackend,
    readonly plan: ConvPlan,
    private readonly x: Input,
    private readonly dy: Input,
  ) {
    this.tiling = tiling(plan);
    retainAll(this.#blocks());
  }

  /** Whether somebody still waits for it. */
  get waits(): boolean {
    return !this.#done;
  }

  /** What a job needs to make the partial results: one for each of `count` chunks. */
  begin(): Partials {
    const { plan: p, tiling: t } = this;
    const size = filterBytes(t.c, t.k);
    const chunks = Math.min(t.blocks, Math.max(8, Math.min(16, Math.floor(2 ** 21 / size))));
    const perChunk = Math.ceil(t.blocks / chunks);
    const count = chunksOf(t.blocks, perChunk);
    const du = this.backend.temporary(size * count, 'partial filter gradients');
    return {
      du,
      count,
      args: {
        ...passArguments(p, t, this.x),
        dy: this.dy.block.pointer,
        partials: du.pointer,
        blocksPerChunk: perChunk,
        gradientMode: this.dy.mode,
        gradientFactors: this.dy.factors?.pointer,
        gradientOther: this.dy.other?.pointer,
      },
    };
  }

  /** Keeps the result that partial ones give. */
  finish({ du, count }: Partials): void {
    const { c, k } = this.plan;
    const dw = this.backend.temporary(c * k * 36, `a tensor [3, 3, ${c}, ${k}]`);
    this.backend.runtime.run(
      'WinogradFilterGradientFinish',
      { partials: du.pointer, gradient: dw.pointer, count, inputs: c, outputs: k },
      { label: 'filter gradient, last step', chunks: this.tiling.c / 4, parallel: c * k > 2000 },
    );
    du.release();
    this.#result = this.backend.runtime.pool.keep(dw);
    this.#end();
  }

  compute(): Block {
    if (!this.#result) {
      const partials = this.begin();
      this.backend.runtime.scratch(this.tiling.scratch);
      this.backend.runtime.run('WinogradFilterGradient', partials.args, {
        label: `winograd filter gradient ${this.plan.c}→${this.plan.k}`,
        chunks: partials.count,
      });
      this.finish(partials);
    }
    const result = this.#result as unknown as Block;
    this.#result = undefined;
    return result;
  }

  dispose(): void {
    this.#result?.release();
    this.#result = undefined;
    this.#end();
  }

  /** Lets go of what it needs. */
  #end(): void {
    if (!this.#done) releaseAll(this.#blocks());
    this.#done = true;
  }

  #blocks(): Block[] {
    return [...inputBlocks(this.x), ...inputBlocks(this.dy)];
  }
}
