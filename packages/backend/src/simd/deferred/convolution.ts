import type { JobArguments } from '../../../contract/encode';
import { OutputMode } from '../../../contract/modes';
import type { SimdBackend } from '../backend';
import { type ConvPlan, outputShape } from '../kernels/conv-plan';
import { filterBytes, type Tiling, up } from '../kernels/winograd-tiling';
import type { Block } from '../pool';
import { vectors } from '../rows';
import { type Deferred, type Input, inputBlocks, releaseAll, retainAll } from './deferred';
import type { FilterGradient } from './filter-gradient';
import { passArguments } from './pass-arguments';

/** What a `Convolution` is made of. */
export interface ConvolutionParts {
  plan: ConvPlan;
  tiling: Tiling;
  input: Input;
  filter: Block;
  /** For an input gradient: the filter turned by half a turn, its channels in exchanged roles. */
  flipped: boolean;
  /** a and b of a·y + b by channel, each padded to a multiple of four: a bias, a normalization with known statistics. */
  factors?: Block;
  /** Added after that, before relu. */
  extra?: Block;
  relu: boolean;
  /** For an input gradient: where the filter gradient of the same convolution is put, to be done on the way. */
  companion?: { filterGradient?: FilterGradient };
}

/** The relu and normalization before which an input gradient arrives. */
export interface Before {
  /** The relu's output, or the factors of the normalization that gave its input. */
  mask: { output: Block } | { factors: Block };
  /** What was normalized, and its mean. */
  x: Block;
  mean: Block;
}

/** Partial sums by block of a convolution. */
export interface Parts {
  y: Block;
  parts: Block;
  count: number;
  /** Values of a channel in each block; the last has the rest. */
  rows: number;
}

/** What happens to the output, as the job takes it. */
type Ending = Pick<
  JobArguments<'WinogradForward'>,
  'outputMode' | 'outputFactors' | 'extra' | 'relu' | 'parts' | 'mask' | 'normalized' | 'mean'
>;

/** A 3×3 stride-1 convolution by Winograd's algorithm, and what follows it up to the next convolution. Also an input gradient. */
export class Convolution implements Deferred {
  constructor(
    private readonly backend: SimdBackend,
    readonly parts: ConvolutionParts,
  ) {
    retainAll(this.#blocks());
  }

  /** The same with another ending. */
  with(change: Partial<ConvolutionParts>): Convolution {
    return new Convolution(this.backend, { ...this.parts, ...change });
  }

  compute(): Block {
    const { factors, extra, relu } = this.parts;
    const outputMode = factors || extra || relu ? OutputMode.Affine : OutputMode.Plain;
    return this.#run({ outputMode, outputFactors: factors?.pointer, extra: extra?.pointer, relu }, 'forward');
  }

  /** Computes it, and mean and squared deviations of each block of its output. */
  computeWithStatistics(): Parts {
    const outputMode = OutputMode.Statistics;
    return this.#sum((parts) => this.#run({ outputMode, relu: false, parts: parts.pointer }, 'forward + statistics'));
  }

  /** Computes what of it passes the relu before it, and Σg and Σg·(x − mean) of each block. */
  computeThrough({ mask, x, mean }: Before): Parts {
    const ending = {
      outputMode: OutputMode.Gradient,
      extra: this.parts.extra?.pointer,
      relu: false,
      ...('output' in mask ? { mask: mask.output.pointer } : { outputFactors: mask.factors.pointer }),
      normalized: x.pointer,
      mean: mean.pointer,
    };
    return this.#sum((parts) => this.#run({ ...ending, parts: parts.pointer }, 'through relu'));
  }

  #sum(run: (parts: Block) => Block): Parts {
    const { plan, tiling } = this.parts;
    const parts = this.backend.temporary(tiling.blocks * vectors(plan.k) * 12, 'partial sums');
    return { y: run(parts), parts, count: tiling.blocks, rows: tiling.values };
  }

  #run(ending: Ending, what: string): Block {
    const { plan, tiling: t, input, filter, flipped } = this.parts;
    const { runtime } = this.backend;
    const shape = outputShape(plan);
    const y = this.backend.temporary(plan.n * plan.oh * plan.ow * plan.k * 4, `a tensor [${shape.join(', ')}]`);
    const u = this.#transformedFilter(filter, plan, flipped);
    runtime.scratch(t.scratch);
    const label = `winograd ${flipped ? `input gradient ${what === 'forward' ? '' : what}` : what} ${plan.c}→${plan.k}`;
    const args = { ...passArguments(plan, t, input), filter: u.pointer, y: y.pointer, ...ending };
    const companion = this.#companion(t);
    if (companion) {
      const partials = companion.begin(true);
      const both = { input: args, filter: partials.args };
      runtime.run('WinogradBackward', both, { label: `${label} + filter`, chunks: partials.chunks });
      companion.finish(partials);
    } else {
      runtime.run('WinogradForward', args, { label, chunks: t.blocks });
    }
    u.release();
    return y;
  }

  /** The filter gradient to be done on the way, if there is one that waits and comes in the same blocks. */
  #companion(t: Tiling): FilterGradient | undefined {
    const { plan, companion } = this.parts;
    const other = companion?.filterGradient;
    const same = other?.plan.ow === plan.ow && other.plan.oh === plan.oh && other.tiling.perBlock === t.perBlock;
    return other?.waits && other.joins && same ? other : undefined;
  }

  #transformedFilter(filter: Block, { c, k }: ConvPlan, flipped: boolean): Block {
    const { runtime } = this.backend;
    const u = this.backend.temporary(filterBytes(up(c, 4), up(k, 8)), 'a transformed filter');
    runtime.scratch(1024);
    runtime.run(
      'WinogradFilterTransform',
      { filter: filter.pointer, transformed: u.pointer, inputs: c, outputs: k, flipped },
      { label: 'filter transform', chunks: up(k, 8) / 8, parallel: c * k > 2000 },
    );
    return u;
  }

  #blocks(): (Block | undefined)[] {
    const { input, filter, factors, extra } = this.parts;
    return [...inputBlocks(input), filter, factors, extra];
  }

  dispose(): void {
    releaseAll(this.#blocks());
  }
}
