/// <reference types="@webgpu/types" />
import { type backend_util, engine, env, type TensorInfo, util } from '@tensorflow/tfjs-core';
import { Block } from './block';
import { Buffers } from './buffers';
import { bindGroups, type Member } from './commands';
import type { Deferred } from './deferred/deferred';
import { WebGpuError, WebGpuLostError, WebGpuMemoryError, WebGpuReadError } from './errors';
import { Pipelines } from './pipelines';
import type { Program } from './program';
import { type BindingsOf, CommandQueue, queueEncoder } from './queue';
import { capture } from './recording/capture';
import { recordingOf } from './recording/replay';
import type { RecordableStep, StepRecord } from './recording/step';
import type { TensorRecord, TfjsWebGpu } from './tfjs';
import type { Recording, WebGpuBackend } from './webgpu-backend';

const USAGE = () => GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC | GPUBufferUsage.COPY_DST;

/** tfjs's `webgpu` backend, on a device of ours, with waiting computations and a queue of commands between it and the device. */
export function makeBackend(tfjs: TfjsWebGpu, device: GPUDevice, info: GPUAdapterInfo): WebGpuBackend {
  const pipelines = new Pipelines(device);
  const create = device.createBindGroup.bind(device);
  const commands = new CommandQueue(device, pipelines, bindGroups(create));
  const bound = new WeakMap<GPUBindGroup, readonly GPUBindingResource[]>();
  const bindingsOf: BindingsOf = (group) => bound.get(group) ?? [];
  let failure: Error | undefined;
  /** Whether tfjs must see its commands run now. */
  let sync = false;
  const fail = (error: Error) => {
    failure ??= error;
  };

  // tfjs's bind groups are lists until their command is encoded, so that a recording can move the buffers.
  const listBindGroup = (descriptor: GPUBindGroupDescriptor): GPUBindGroup => {
    const group = {} as GPUBindGroup;
    bound.set(
      group,
      [...descriptor.entries].map(({ resource }) => resource),
    );
    return group;
  };

  class Backend extends tfjs.WebGPUBackend implements WebGpuBackend {
    readonly pipelines = pipelines;
    readonly commands = commands;
    readonly buffers = new Buffers(device, (bytes) =>
      fail(
        new WebGpuMemoryError(
          `webgpu: a tensor of ${bytes} bytes must fit into the memory of the GPU beside ${this.buffers.numBytesUsed} others, got out of memory. Use a smaller batch, or microBatch.`,
        ),
      ),
    );

    recording: Recording | undefined;

    constructor() {
      super(device, info);
      this.bufferManager = this.buffers;
    }

    recordStep(step: RecordableStep): StepRecord {
      const result = capture(this, step);
      if ('reason' in result) return result;
      const { output, capture: captured } = result;
      const wrap = (tensor: TensorInfo) => engine().makeTensorFromTensorInfo(tensor);
      return { output, recording: recordingOf(this, step, captured, wrap, output.shape) };
    }

    override makeUniforms(uniforms: { type: string; data: number[] }[]): GPUBufferBinding {
      const binding = super.makeUniforms(uniforms);
      const { buffer } = binding;
      this.uniformPendingDisposal = [];
      const free = () => commands.afterSubmit(() => this.buffers.releaseBuffer(buffer));
      const block = new Block(buffer, 0, buffer.size, free);
      if (this.recording) this.recording.constant(block, new TextEncoder().encode(JSON.stringify(uniforms)));
      else block.release();
      return binding;
    }

    override ensureCommandEncoderReady(): void {
      this.commandEncoder ??= queueEncoder(commands, pipelines, bindingsOf);
    }

    override submitQueue(): void {
      if (failure) throw failure;
      commands.submitIfReady(sync ? 1 : 64);
    }

    override shouldExecuteOnCPU(inputs: TensorInfo[], sizeThreshold?: number): boolean {
      const onDevice = inputs.some((input) => this.recordOf(input).deferred || this.recordOf(input).block);
      return (
        !onDevice &&
        !this.recording &&
        env().getBool('WEBGPU_CPU_FORWARD') &&
        super.shouldExecuteOnCPU(inputs, sizeThreshold)
      );
    }

    override uploadToGPU(dataId: object): void {
      const record = this.tensorMap.get(dataId);
      if (record.deferred) this.#compute(record);
      const { values, resource } = record;
      super.uploadToGPU(dataId);
      for (const staging of this.stagingPendingDisposal.splice(0))
        commands.afterSubmit(() => this.buffers.releaseBuffer(staging, false));
      if (this.recording && values && !resource) {
        this.recording.constant(this.#blockOf(record).retain(), values as Float32Array);
      }
    }

    override tensorToBinding(tensor: TensorInfo): GPUBindingResource | null {
      return tensor ? (this.recordOf(tensor).block?.binding ?? super.tensorToBinding(tensor)) : null;
    }

    override releaseResource(dataId: object): void {
      const record = this.tensorMap.get(dataId);
      record.deferred?.dispose();
      record.deferred = undefined;
      if (!record.block) {
        super.releaseResource(dataId);
        return;
      }
      record.block.release();
      record.block = undefined;
      record.resource = null;
    }

    override disposeData(dataId: object, force = false): boolean {
      // Memory is reused in the order of the commands: nothing has to wait for a submit.
      this.commandQueueOwnedIds.delete(dataId);
      return super.disposeData(dataId, force);
    }

    override async time(f: () => void): Promise<{ kernelMs: number; wallMs: number }> {
      const begin = performance.now();
      f();
      await commands.flush();
      await device.queue.onSubmittedWorkDone();
      const milliseconds = performance.now() - begin;
      return { kernelMs: milliseconds, wallMs: milliseconds };
    }

    override async read(dataId: object): Promise<backend_util.BackendValues> {
      const record = this.tensorMap.get(dataId);
      if (record.values || record.dtype === 'complex64' || record.dtype === 'string') return super.read(dataId);
      this.recording?.refuse('a value is read in JavaScript');
      const { block } = this.#onDevice(dataId);
      const bytes = await this.#download(block!);
      return util.convertBackendValuesAndArrayBuffer(bytes, record.dtype as 'float32');
    }

    override readSync(dataId: object): backend_util.BackendValues {
      const record = this.tensorMap.get(dataId);
      if (record.values || record.dtype === 'complex64' || record.dtype === 'string') return super.readSync(dataId);
      this.recording?.refuse('a value is read in JavaScript');
      const { block } = this.#onDevice(dataId);
      if (typeof OffscreenCanvas === 'undefined' || pipelines.pending > 0) {
        throw new WebGpuReadError(
          `webgpu: a tensor [${record.shape}] on the GPU must be read with \`await tensor.data()\` here, got dataSync().`,
        );
      }
      // tfjs reads a whole buffer: of a tensor that shares one, a copy.
      const copy = this.take(block!.bytes / 4);
      commands.push({
        kind: 'copy',
        from: block!.buffer,
        fromOffset: block!.offset,
        to: copy.buffer,
        toOffset: 0,
        bytes: block!.bytes,
      });
      const whole = this.makeTensorInfo(record.shape, record.dtype);
      this.#put(this.recordOf(whole), copy);
      sync = true;
      try {
        return super.readSync(whole.dataId);
      } finally {
        sync = false;
        this.drop(whole);
      }
    }

    makeOutput(shape: readonly number[]): TensorInfo {
      const tensor = this.makeTensorInfo([...shape], 'float32');
      this.#put(this.recordOf(tensor), this.take(util.sizeFromShape([...shape])));
      return tensor;
    }

    makeDeferred(shape: readonly number[], deferred: Deferred): TensorInfo {
      const tensor = this.makeTensorInfo([...shape], 'float32');
      this.recordOf(tensor).deferred = deferred;
      return tensor;
    }

    deferredOf(tensor: TensorInfo): Deferred | undefined {
      return this.recordOf(tensor).deferred;
    }

    settle(tensor: TensorInfo, block: Block): void {
      const record = this.recordOf(tensor);
      record.deferred?.dispose();
      record.deferred = undefined;
      this.#put(record, block);
    }

    block(tensor: TensorInfo): Block {
      return this.#onDevice(tensor.dataId).block!;
    }

    take(length: number): Block {
      const bytes = Math.max(4, length * 4);
      const buffer = this.buffers.acquireBuffer(bytes, USAGE());
      return new Block(buffer, 0, bytes, () => this.buffers.releaseBuffer(buffer));
    }

    run({ code, label, grid }: Program, blocks: readonly Block[], member?: Member): void {
      if (failure) throw failure;
      const pipeline = pipelines.get(code, label);
      const bindings = blocks.map(({ binding }) => binding);
      commands.push({ kind: 'dispatch', label, pipeline, bindings, grid, ...(member && { member }) });
      commands.submitIfReady(64);
    }

    recordOf(tensor: TensorInfo): TensorRecord {
      return this.tensorMap.get(tensor.dataId);
    }

    place(tensor: TensorInfo, block: Block): void {
      const record = this.recordOf(tensor);
      record.block?.release();
      record.values = null;
      this.#put(record, block);
    }

    drop(tensor: TensorInfo): void {
      this.disposeData(tensor.dataId);
    }

    #onDevice(dataId: object): TensorRecord {
      this.uploadToGPU(dataId);
      const record = this.tensorMap.get(dataId);
      this.#blockOf(record);
      return record;
    }

    /** Where a tensor lies that is on the device. */
    #blockOf(record: TensorRecord): Block {
      if (!record.block) {
        const buffer = record.resource as GPUBuffer;
        this.#put(record, new Block(buffer, 0, buffer.size, () => this.buffers.releaseBuffer(buffer)));
      }
      return record.block!;
    }

    #compute(record: TensorRecord): void {
      const { deferred } = record;
      const block = deferred!.compute();
      deferred!.dispose();
      record.deferred = undefined;
      this.#put(record, block);
    }

    #put(record: TensorRecord, block: Block): void {
      record.block = block;
      record.resource = block.buffer;
    }

    async #download(block: Block): Promise<ArrayBuffer> {
      const staging = this.buffers.acquireBuffer(block.bytes, GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST);
      const from = { from: block.buffer, fromOffset: block.offset };
      commands.push({ kind: 'copy', ...from, to: staging, toOffset: 0, bytes: block.bytes });
      try {
        await commands.flush();
        await staging.mapAsync(GPUMapMode.READ);
      } catch (error) {
        throw failure ?? error;
      }
      if (failure) throw failure;
      const bytes = staging.getMappedRange().slice(0);
      staging.unmap();
      this.buffers.releaseBuffer(staging);
      return bytes;
    }
  }

  device.createBindGroup = listBindGroup as GPUDevice['createBindGroup'];
  device.addEventListener?.('uncapturederror', (event) => fail(asError((event as GPUUncapturedErrorEvent).error)));
  void device.lost.then(({ reason, message }) => {
    fail(
      new WebGpuLostError(
        `webgpu: the device must stay available, got lost (${reason || 'unknown'}: ${message}). Start again; a run goes on from its last checkpoint.`,
      ),
    );
  });
  const backend = new Backend();
  return backend;
}

function asError(error: GPUError): Error {
  return error instanceof GPUOutOfMemoryError
    ? new WebGpuMemoryError(
        `webgpu: all tensors must fit into the memory of the GPU, got: ${error.message}. Use a smaller batch, or microBatch.`,
      )
    : new WebGpuError(`webgpu: a command must be valid, got: ${error.message}. Please report it.`);
}
