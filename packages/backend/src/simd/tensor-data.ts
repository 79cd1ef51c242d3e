import type { DataType, TensorInfo } from '@tensorflow/tfjs-core';
import type { Block } from './pool';

/** What tfjs stores as a tensor's values on a CPU. */
export type Values = Float32Array | Int32Array | Uint8Array | Uint8Array[];

/** A tensor's content: JavaScript values, or a block of the pool. The cpu kernels read `values`. */
export class TensorData {
  refCount = 1;
  complexTensorInfos?: { real: TensorInfo; imag: TensorInfo };
  #values: Values | undefined;
  #block: Block | undefined;

  constructor(
    readonly dtype: DataType,
    readonly size: number,
    readonly memory: WebAssembly.Memory,
    content: Values | Block | undefined,
  ) {
    if (content && 'pointer' in content) this.#block = content;
    else this.#values = content;
  }

  /** The values: a view that is valid until the tensor is disposed of. */
  get values(): Values | undefined {
    if (!this.#block) return this.#values;
    return new Float32Array(this.memory.buffer, this.#block.pointer, this.size);
  }

  /** Where the values lie in the pool; `take` provides a block when they are not there yet. */
  pointer(take: (bytes: number) => Block): number {
    if (!this.#block) {
      this.#block = take(this.size * 4);
      new Float32Array(this.memory.buffer, this.#block.pointer, this.size).set(this.#values as Float32Array);
      this.#values = undefined;
    }
    return this.#block.pointer;
  }

  /** Gives the block back. */
  dispose(): void {
    this.#block?.release();
    this.#block = undefined;
    this.#values = undefined;
  }
}
