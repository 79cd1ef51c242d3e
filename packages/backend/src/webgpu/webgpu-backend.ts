/// <reference types="@webgpu/types" />
import type { TensorInfo } from '@tensorflow/tfjs-core';
import type { Block } from './block';
import type { Buffers } from './buffers';
import type { Member } from './commands';
import type { Deferred } from './deferred/deferred';
import type { Pipelines } from './pipelines';
import type { Program } from './program';
import type { CommandQueue } from './queue';
import type { RecordableStep, StepRecord } from './recording/step';
import type { TensorRecord, TfjsWebGpuBackend } from './tfjs';

/** What our kernels use of the backend. */
export interface WebGpuBackend extends TfjsWebGpuBackend {
  readonly pipelines: Pipelines;
  readonly commands: CommandQueue;
  readonly buffers: Buffers;
  /** A fresh tensor of floats on the device, its content undefined. */
  makeOutput(shape: readonly number[]): TensorInfo;
  /** A tensor of floats that is computed when it is read. */
  makeDeferred(shape: readonly number[], deferred: Deferred): TensorInfo;
  /** The computation that a tensor waits for, if it does. */
  deferredOf(tensor: TensorInfo): Deferred | undefined;
  /** Gives a tensor that waits for a computation its result. */
  settle(tensor: TensorInfo, block: Block): void;
  /** Where a tensor lies on the device, computed or copied there if need be. It remains the tensor's. */
  block(tensor: TensorInfo): Block;
  /** A stretch of device memory with one user, for `length` floats. */
  take(length: number): Block;
  /** Runs a kernel on blocks in the order of its bindings. */
  run(program: Program, blocks: readonly Block[], member?: Member): void;
  /** What is kept of a tensor. */
  recordOf(tensor: TensorInfo): TensorRecord;
  /** Puts a tensor elsewhere: it takes `block` over, and lets go of where it was. */
  place(tensor: TensorInfo, block: Block): void;
  /** Frees a tensor that a kernel made for itself. */
  drop(tensor: TensorInfo): void;
  /** Set while a step is recorded. */
  recording: Recording | undefined;
  /** Runs a training step and records it: see `RecordingBackend` of `@resnet/trainer`. */
  recordStep(step: RecordableStep): StepRecord;
}

/** Hears of what a recording cannot see in the commands. */
export interface Recording {
  /** A block got values from JavaScript. The recording takes over the user that was added for it. */
  constant(block: Block, values: ArrayBufferView | ArrayBuffer): void;
  /** The step does something that cannot be replayed. */
  refuse(reason: string): void;
}
