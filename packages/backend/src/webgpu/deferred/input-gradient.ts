import type { ConvPlan } from '../../simd/kernels/conv-plan';
import type { Block } from '../block';
import { planned } from '../planned';
import type { WebGpuBackend } from '../webgpu-backend';
import { type InputGradientMode, inputGradient } from '../wgsl/convolution';
import type { Deferred } from './deferred';

/** What an `InputGradient` is made of. */
export interface InputGradientParts {
  readonly plan: ConvPlan;
  readonly dy: Block;
  readonly filter: Block;
  /** Another gradient of the same tensor, to be added. */
  readonly extra?: Block;
}

/** The relu and normalization before which a gradient arrives. */
export interface Before {
  readonly mask: { readonly output: Block } | { readonly factors: Block };
  /** What was normalized, and its mean. */
  readonly x: Block;
  readonly mean: Block;
}

/** The input gradient of a convolution that has not run: what adds to it, and the sums of the normalization before it, happen on the way. */
export class InputGradient implements Deferred {
  constructor(
    private readonly backend: WebGpuBackend,
    readonly parts: InputGradientParts,
  ) {
    for (const block of this.#blocks()) block.retain();
  }

  /** The same, with another gradient added. */
  with(extra?: Block): InputGradient {
    return new InputGradient(this.backend, { ...this.parts, ...(extra && { extra }) });
  }

  compute(): Block {
    const dx = this.#output();
    const program = planned(inputGradient, this.parts.plan, this.#mode('none'));
    this.backend.run(program, this.#bound(dx));
    return dx;
  }

  /** Computes what of it passes the relu before it, and Σg and Σg·(x − mean) by piece. */
  computeThrough({ mask, x, mean }: Before): { g: Block; sums: Block; parts: number } {
    const { plan } = this.parts;
    const program = planned(inputGradient, plan, this.#mode('output' in mask ? 'output' : 'factors'));
    const g = this.#output();
    const sums = this.backend.take(2 * program.parts * plan.c);
    const masking = 'output' in mask ? mask.output : mask.factors;
    this.backend.run(program, [...this.#bound(g), x, masking, mean, sums]);
    return { g, sums, parts: program.parts };
  }

  dispose(): void {
    for (const block of this.#blocks()) block.release();
  }

  #mode(through: InputGradientMode['through']): InputGradientMode {
    return { extra: this.parts.extra !== undefined, through };
  }

  #output(): Block {
    const { n, h, w, c } = this.parts.plan;
    return this.backend.take(n * h * w * c);
  }

  #bound(dx: Block): Block[] {
    const { dy, filter, extra } = this.parts;
    return extra ? [dy, filter, dx, extra] : [dy, filter, dx];
  }

  #blocks(): Block[] {
    const { dy, filter, extra } = this.parts;
    return extra ? [dy, filter, extra] : [dy, filter];
  }
}
