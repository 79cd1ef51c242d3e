import type { DataType, TensorInfo } from '@tensorflow/tfjs-core';
import type { Deferred } from './deferred/deferred';
import { Block } from './pool';
import type { Recorder } from './recording/recorder';
import type { Runtime } from './runtime';

/** What tfjs stores as a tensor's values on a CPU. */
export type Values = Float32Array | Int32Array | Uint8Array | Uint8Array[];

/** A tensor's content: JavaScript values, a block of the pool, or a computation that has not run yet. The cpu kernels read `values`. */
export class TensorData {
  refCount = 1;
  complexTensorInfos?: { real: TensorInfo; imag: TensorInfo };
  #content: Values | Block | Deferred | undefined;
  /** The recording during which it was made. */
  readonly #recorder: Recorder | undefined;

  constructor(
    readonly dtype: DataType,
    readonly size: number,
    readonly runtime: Runtime,
    content: Values | Block | Deferred | undefined,
  ) {
    this.#content = content;
    this.#recorder = runtime.recorder;
  }

  /** The computation that would give the values, if it has not run. */
  get deferred(): Deferred | undefined {
    const content = this.#content;
    return content && 'compute' in content ? content : undefined;
  }

  /** The same, for who computes it or what follows from it. */
  get waiting(): Deferred | undefined {
    const { deferred } = this;
    const { recorder } = this.runtime;
    if (deferred && recorder !== this.#recorder)
      recorder?.refuse('a tensor from before the step waited to be computed');
    return deferred;
  }

  /** The values: a view that is valid until the tensor is disposed of. */
  get values(): Values | undefined {
    this.#compute();
    const content = this.#content;
    if (!(content instanceof Block)) return content as Values | undefined;
    this.runtime.recorder?.readInJavaScript();
    return this.runtime.floats(content.pointer, this.size);
  }

  /** Where the values lie in the pool; `take` provides a block when they are not there yet. */
  block(take: () => Block): Block {
    this.#compute();
    const { recorder } = this.runtime;
    if (this.#content instanceof Block) {
      if (recorder !== this.#recorder) recorder?.use(this.#content);
      return this.#content;
    }
    const values = this.#content as Float32Array;
    const block = this.runtime.pool.outside(take);
    this.runtime.floats(block.pointer, this.size).set(values);
    this.#content = this.runtime.pool.keep(block);
    recorder?.constant(block, values);
    return block;
  }

  /** Whether nobody else sees what is written over its values, which lie in `home` or go there. */
  canLiveIn(home: Block): boolean {
    const content = this.#content;
    if (this.refCount !== 1 || this.deferred) return false;
    if (content === home) return home.users === 1;
    return home.users === 0;
  }

  /** Copies the values to `home`, which becomes this tensor's memory. Check `canLiveIn` first. */
  moveTo(home: Block): void {
    const content = this.#content;
    if (content === home) return;
    const { runtime, size } = this;
    const values = content instanceof Block ? runtime.floats(content.pointer, size) : (content as Float32Array);
    runtime.floats(home.pointer, size).set(values);
    if (content instanceof Block) content.release();
    this.#content = home.retain();
  }

  /** Replaces a computation by its result. */
  settle(block: Block): void {
    this.deferred?.dispose();
    this.#content = this.runtime.pool.keep(block);
  }

  #compute(): void {
    const deferred = this.waiting;
    if (deferred) this.settle(this.runtime.pool.during(() => deferred.compute()));
  }

  /** Gives everything back. */
  dispose(): void {
    this.deferred?.dispose();
    if (this.#content instanceof Block) this.#content.release();
    this.#content = undefined;
  }
}
