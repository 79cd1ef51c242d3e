import type { DataType, TensorInfo } from '@tensorflow/tfjs-core';
import type { Deferred } from './deferred/deferred';
import { Block } from './pool';
import type { Runtime } from './runtime';

/** What tfjs stores as a tensor's values on a CPU. */
export type Values = Float32Array | Int32Array | Uint8Array | Uint8Array[];

/** A tensor's content: JavaScript values, a block of the pool, or a computation that has not run yet. The cpu kernels read `values`. */
export class TensorData {
  refCount = 1;
  complexTensorInfos?: { real: TensorInfo; imag: TensorInfo };
  #content: Values | Block | Deferred | undefined;

  constructor(
    readonly dtype: DataType,
    readonly size: number,
    readonly runtime: Runtime,
    content: Values | Block | Deferred | undefined,
  ) {
    this.#content = content;
  }

  /** The computation that would give the values, if it has not run. */
  get deferred(): Deferred | undefined {
    const content = this.#content;
    return content && 'compute' in content ? content : undefined;
  }

  /** The values: a view that is valid until the tensor is disposed of. */
  get values(): Values | undefined {
    this.#compute();
    const content = this.#content;
    if (content instanceof Block) return this.runtime.floats(content.pointer, this.size);
    return content as Values | undefined;
  }

  /** Where the values lie in the pool; `take` provides a block when they are not there yet. */
  block(take: (bytes: number) => Block): Block {
    this.#compute();
    if (this.#content instanceof Block) return this.#content;
    const block = take(this.size * 4);
    this.runtime.floats(block.pointer, this.size).set(this.#content as Float32Array);
    this.#content = this.runtime.pool.keep(block);
    return block;
  }

  /** Replaces a computation by its result. */
  settle(block: Block): void {
    this.deferred?.dispose();
    this.#content = this.runtime.pool.keep(block);
  }

  #compute(): void {
    const { deferred } = this;
    if (deferred) this.settle(this.runtime.pool.during(() => deferred.compute()));
  }

  /** Gives everything back. */
  dispose(): void {
    this.deferred?.dispose();
    if (this.#content instanceof Block) this.#content.release();
    this.#content = undefined;
  }
}
