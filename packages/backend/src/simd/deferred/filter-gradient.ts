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
  /** `count` of them, or the gradient itself. */
  results: Block;
  count: number;
  isWhole: boolean;
  chunks: number;
  /** Arguments of the job. */
  args: JobArguments<'WinogradFilterGradient'>;
}

/** How a filter gradient is divided: blocks among partial results, channels among slices. */
interface Division {
  count: number;
  perChunk: number;
  inputs: number;
  outputs: number;
  slices: number;
  /** Bytes of a partial result. */
  bytes: number;
}

/** Partial results in the transformed domain, up to 2 MiB of them. */
function divide({ c, k }: ConvPlan, t: Tiling): Division {
  const bytes = filterBytes(t.c, t.k);
  const perChunk = Math.ceil(t.blocks / Math.min(t.blocks, Math.max(8, Math.min(16, Math.floor(2 ** 21 / bytes)))));
  return { count: chunksOf(t.blocks, perChunk), perChunk, inputs: c, outputs: k, slices: 1, bytes };
}

/** Channels of a slice: its sums in the transformed domain stay in a core's second cache. */
const SLICE = 64;
/** Chunks for threads to share. */
const CHUNKS = 16;

/**
 * Native code transforms back before it leaves a chunk: its partial results are of the gradient's size. Where there are many channels, chunks are slices of
 * them, so that there is little or nothing to sum.
 */
function divideNatively({ c, k }: ConvPlan, t: Tiling, joined: boolean): Division {
  const [inputs, outputs] = joined ? [c, k] : [Math.min(c, SLICE), Math.min(k, SLICE)];
  const slices = chunksOf(c, inputs) * chunksOf(k, outputs);
  const perChunk = Math.ceil(t.blocks / Math.min(t.blocks, Math.ceil(CHUNKS / slices)));
  return { count: chunksOf(t.blocks, perChunk), perChunk, inputs, outputs, slices, bytes: c * k * 36 };
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
    this.tiling = tiling(plan, backend.runtime.isNative);
    retainAll(this.#blocks());
  }

  /** Whether somebody still waits for it. */
  get waits(): boolean {
    return !this.#done;
  }

  /** Whether it may be done with the input gradient: native code prefers to do many channels in slices. */
  get joins(): boolean {
    const { c, k } = this.plan;
    return !this.backend.runtime.isNative || c * k <= SLICE * SLICE;
  }

  /** What a job needs to make the partial results, with the input gradient or alone. */
  begin(joined: boolean): Partials {
    const { plan: p, tiling: t } = this;
    const d = this.backend.runtime.isNative ? divideNatively(p, t, joined) : divide(p, t);
    const isWhole = this.backend.runtime.isNative && d.count === 1;
    const results = this.backend.temporary(d.bytes * d.count, isWhole ? this.#name : 'partial filter gradients');
    return {
      results,
      count: d.count,
      isWhole,
      chunks: d.count * d.slices,
      args: {
        ...passArguments(p, t, this.x),
        dy: this.dy.block.pointer,
        partials: results.pointer,
        blocksPerChunk: d.perChunk,
        inputsPerSlice: d.inputs,
        outputsPerSlice: d.outputs,
        gradientMode: this.dy.mode,
        gradientFactors: this.dy.factors?.pointer,
        gradientOther: this.dy.other?.pointer,
      },
    };
  }

  get #name(): string {
    return `a tensor [3, 3, ${this.plan.c}, ${this.plan.k}]`;
  }

  /** Keeps the result that partial ones give. */
  finish({ results, count, isWhole }: Partials): void {
    this.#result = this.backend.runtime.pool.keep(isWhole ? results : this.#sum(results, count));
    if (!isWhole) results.release();
    this.#end();
  }

  #sum(partials: Block, count: number): Block {
    const { c, k } = this.plan;
    const dw = this.backend.temporary(c * k * 36, this.#name);
    this.backend.runtime.run(
      'WinogradFilterGradientFinish',
      { partials: partials.pointer, gradient: dw.pointer, count, inputs: c, outputs: k },
      { label: 'filter gradient, last step', chunks: this.tiling.c / 4, parallel: c * k > 2000 },
    );
    return dw;
  }

  compute(): Block {
    if (!this.#result) {
      const partials = this.begin(false);
      this.backend.runtime.scratch(this.tiling.scratch);
      this.backend.runtime.run('WinogradFilterGradient', partials.args, {
        label: `winograd filter gradient ${this.plan.c}→${this.plan.k}`,
        chunks: partials.chunks,
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
