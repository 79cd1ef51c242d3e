import { MathBackendCPU } from '@tensorflow/tfjs-backend-cpu';
import { type backend_util, type DataType, type TensorInfo, util } from '@tensorflow/tfjs-core';
import type { Deferred } from './deferred/deferred';
import { Block } from './pool';
import type { Runtime } from './runtime';
import { TensorData, type Values } from './tensor-data';

const describe = (shape: readonly number[]): string => `a tensor [${shape.join(', ')}]`;

/**
 * A tfjs backend whose float tensors live in one WebAssembly memory. What it has no kernel for, the inherited cpu kernels do on views of that memory.
 */
export class SimdBackend extends MathBackendCPU {
  constructor(readonly runtime: Runtime) {
    super();
  }

  /** A fresh tensor of floats in the pool, its content undefined. */
  makeOutputTensor(shape: number[]): TensorInfo {
    return this.#make(shape, this.#take({ shape }));
  }

  /** A tensor of floats that is computed when it is read. */
  makeDeferred(shape: number[], deferred: Deferred): TensorInfo {
    return this.#make(shape, deferred);
  }

  /** A tensor for the next value of `tensor`: in its own memory where a step is recorded and nobody else has that, else a fresh one. */
  makeNext(tensor: TensorInfo): TensorInfo {
    const { dataId, shape, dtype } = tensor;
    const data = this.#get(dataId);
    if (!this.runtime.recorder || !data.canLiveIn(data.block(() => this.#take(tensor))))
      return this.makeOutputTensor(shape);
    this.incRef(dataId);
    this.runtime.pool.releaseOnFailure({ release: () => this.disposeData(dataId) });
    return { dataId, shape, dtype };
  }

  /** The computation that a tensor waits for, if it does. */
  deferred(tensor: TensorInfo): Deferred | undefined {
    return this.#get(tensor.dataId).waiting;
  }

  /** What is known of a tensor. */
  dataOf(tensor: TensorInfo): TensorData {
    return this.#get(tensor.dataId);
  }

  /** Gives a tensor that waits for a computation its result. */
  settle(tensor: TensorInfo, block: Block): void {
    this.#get(tensor.dataId).settle(block);
  }

  /** The block of a float tensor, computed or copied there if need be. It remains the tensor's. */
  block(tensor: TensorInfo): Block {
    return this.#get(tensor.dataId).block(() => this.#take(tensor));
  }

  #take({ shape }: Pick<TensorInfo, 'shape'>): Block {
    return this.runtime.pool.take(util.sizeFromShape(shape) * 4, describe(shape));
  }

  /** Where a float tensor lies in the pool. */
  pointer(tensor: TensorInfo): number {
    return this.block(tensor).pointer;
  }

  /** A view of a block, valid until the pool grows or the next job runs. */
  floats(block: Block, length: number): Float32Array {
    return this.runtime.floats(block.pointer, length);
  }

  /** `RecordingBackend.workInPlace` of `@resnet/trainer`. */
  workInPlace(tensors: readonly TensorInfo[], work: (values: Float32Array[]) => void): void {
    const places = tensors.map((tensor) => ({ block: this.block(tensor), size: util.sizeFromShape(tensor.shape) }));
    this.call(() => work(places.map(({ block, size }) => this.floats(block, size))));
  }

  /** Has JavaScript do something on the memory, now and in every replay of the step that this is a part of. */
  call(work: () => void): void {
    this.runtime.recorder?.call(work);
    work();
  }

  /** A piece of memory for the time of a kernel. Release it. */
  temporary(bytes: number, what: string): Block {
    return this.runtime.pool.take(bytes, what);
  }

  /** A piece of memory with numbers that count for this kernel, and for its replays. Release it. */
  constants(words: Int32Array, what: string): Block {
    const block = this.runtime.pool.outside(() => this.temporary(words.byteLength, what));
    this.runtime.ints(block.pointer, words.length).set(words);
    this.runtime.recorder?.pin(block);
    return block;
  }

  override write(values: backend_util.BackendValues, shape: number[], dtype: DataType): object {
    const dataId = {};
    this.data.set(dataId, this.#data(dtype, util.sizeFromShape(shape), this.#own(values)));
    return dataId;
  }

  override move(
    dataId: object,
    values: backend_util.BackendValues,
    shape: number[],
    dtype: DataType,
    refCount: number,
  ): void {
    const data = this.#data(dtype, util.sizeFromShape(shape), this.#own(values));
    data.refCount = refCount;
    this.data.set(dataId, data);
  }

  override readSync(dataId: object): backend_util.BackendValues {
    const { dtype, values } = this.#get(dataId);
    return dtype === 'float32' && values ? (values.slice() as Float32Array) : super.readSync(dataId);
  }

  override disposeData(dataId: object, force = false): boolean {
    const data = this.data.has(dataId) ? this.#get(dataId) : undefined;
    const gone = super.disposeData(dataId, force);
    if (gone) data?.dispose();
    return gone;
  }

  override memory() {
    return {
      unreliable: false,
      reasons: [],
      numBytesInPool: this.runtime.pool.poolBytes,
      numBytesUsed: this.runtime.pool.usedBytes,
    };
  }

  override dispose(): void {
    this.runtime.dispose();
  }

  #get(dataId: object): TensorData {
    return this.data.get(dataId) as TensorData;
  }

  #make(shape: number[], content: Block | Deferred): TensorInfo {
    const dataId = {};
    const { pool } = this.runtime;
    this.data.set(dataId, this.#data('float32', util.sizeFromShape(shape), content));
    if (content instanceof Block) pool.keep(content);
    pool.releaseOnFailure({ release: () => this.disposeData(dataId, true) });
    return { dataId, shape, dtype: 'float32' };
  }

  #data(dtype: DataType, size: number, content: Values | Block | Deferred | undefined): TensorData {
    return new TensorData(dtype, size, this.runtime, content);
  }

  /** Values that outlive the pool's block they may be a view of. */
  #own(values: backend_util.BackendValues): Values {
    return ArrayBuffer.isView(values) && !(values.buffer instanceof ArrayBuffer) ? values.slice() : (values as Values);
  }
}
