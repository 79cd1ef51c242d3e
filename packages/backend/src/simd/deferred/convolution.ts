import { Job } from '../../../assembly/jobs';
import type { SimdBackend } from '../backend';
import { type ConvPlan, outputShape } from '../kernels/conv-plan';
import { filterBytes, geometry, hasWholeTiles, type Tiling, tiling, up } from '../kernels/winograd-tiling';
import type { Block } from '../pool';
import { vectors } from '../rows';
import { type Deferred, type Input, inputArguments, inputBlocks, releaseAll, retainAll } from './deferred';
import type { FilterGradient } from './filter-gradient';

/** What a `Convolution` is made of. */
export interface ConvolutionParts {
  plan: ConvPlan;
  input: Input;
  filter: Block;
  /** For an input gradient: the filter turned by half a turn, its channels in exchanged roles. */
  flipped: boolean;
  /** a and b of a·y + b by channel, each padded to a multiple of four: a bias, a normalisation with known statistics. */
  factors?: Block;
  /** Added after that, before relu. */
  extra?: Block;
  relu: boolean;
  /** For an input gradient: where the filter gradient of the same convolution is put, to be done on the way. */
  companion?: { filterGradient?: FilterGradient };
}

/** The relu and normalisation before which an input gradient arrives. */
export interface Before {
  /** The relu's output, or the factors of the normalisation that gave its input. */
  mask: { output: Block } | { factors: Block };
  /** What was normalised, and its mean. */
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

/** As in `assembly/winograd-conv.ts`. */
enum OutputMode {
  Plain,
  Affine,
  Statistics,
  Gradient,
}

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

  /** Whether nothing follows it, and its tiles are whole, so that sums over its output can be taken on the way. */
  get canSum(): boolean {
    const { plan, factors, relu } = this.parts;
    return !factors && !relu && hasWholeTiles(plan);
  }

  compute(): Block {
    const { factors, extra, relu } = this.parts;
    const mode = factors || extra || relu ? OutputMode.Affine : OutputMode.Plain;
    return this.#run(mode, [factors?.pointer ?? 0, extra?.pointer ?? 0, relu ? 1 : 0], 'forward');
  }

  /** Computes it, and mean and squared deviations of each block of its output. */
  computeWithStatistics(): Parts {
    return this.#sum((parts) => this.#run(OutputMode.Statistics, [0, 0, 0, parts.pointer], 'forward + statistics'));
  }

  /** Computes what of it passes the relu before it, and Σg and Σg·(x − mean) of each block. */
  computeThrough({ mask, x, mean }: Before): Parts {
    const extra = this.parts.extra?.pointer ?? 0;
    const [output, factors] = 'output' in mask ? [mask.output.pointer, 0] : [0, mask.factors.pointer];
    return this.#sum((parts) =>
      this.#run(
        OutputMode.Gradient,
        [factors, extra, 0, parts.pointer, output, x.pointer, mean.pointer],
        'through relu',
      ),
    );
  }

  #sum(run: (parts: Block) => Block): Parts {
    const { plan } = this.parts;
    const { blocks, perBlock } = tiling(plan);
    const parts = this.backend.temporary(blocks * vectors(plan.k) * 12, 'partial sums');
    return { y: run(parts), parts, count: blocks, rows: perBlock * 4 * plan.ow };
  }

  #run(mode: OutputMode, args: number[], what: string): Block {
    const { plan, input, filter, flipped } = this.parts;
    const { runtime } = this.backend;
    const t = tiling(plan);
    const shape = outputShape(plan);
    const y = this.backend.temporary(plan.n * plan.oh * plan.ow * plan.k * 4, `a tensor [${shape.join(', ')}]`);
    const u = this.#transformedFilter(filter, plan, flipped);
    runtime.scratch(t.scratch);
    const label = `winograd ${flipped ? `input gradient ${what === 'forward' ? '' : what}` : what} ${plan.c}→${plan.k}`;
    const all = [
      input.block.pointer,
      u.pointer,
      y.pointer,
      ...geometry(plan, t),
      0,
      ...inputArguments(input),
      mode,
      ...args,
    ];
    const padded = [...all, ...Array<number>(64 - all.length).fill(0)];
    const companion = this.#companion(t);
    if (companion) {
      const partials = companion.begin();
      runtime.run(Job.WinogradBackward, `${label} + filter`, partials.count, [...padded, ...partials.args]);
      companion.finish(partials);
    } else {
      runtime.run(Job.WinogradForward, label, t.blocks, padded);
    }
    u.release();
    return y;
  }

  /** The filter gradient to be done on the way, if there is one that waits and comes in the same blocks. */
  #companion(t: Tiling): FilterGradient | undefined {
    const { plan, companion } = this.parts;
    const other = companion?.filterGradient;
    const same = other?.plan.ow === plan.ow && other.plan.oh === plan.oh && other.tiling.perBlock === t.perBlock;
    return other?.waits && same ? other : undefined;
  }

  #transformedFilter(filter: Block, { c, k }: ConvPlan, flipped: boolean): Block {
    const { runtime } = this.backend;
    const u = this.backend.temporary(filterBytes(up(c, 4), up(k, 8)), 'a transformed filter');
    runtime.scratch(1024);
    runtime.run(
      Job.WinogradWeights,
      'filter transform',
      up(k, 8) / 8,
      [filter.pointer, u.pointer, c, k, flipped ? 1 : 0],
      c * k > 2000,
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
