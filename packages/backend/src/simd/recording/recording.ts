import { engine, type Tensor, type TensorInfo, util } from '@tensorflow/tfjs-core';
import type { SimdBackend } from '../backend';
import type { Block } from '../pool';
import type { JobList } from '../runtime';
import type { Recorder } from './recorder';

/** A step to be recorded: `RecordableStep` of `@resnet/trainer`. */
export interface Step {
  readonly inputs: readonly Tensor[];
  state(): readonly Tensor[];
  run(): Tensor;
}

/** Where a recorded step has its tensors. */
export interface Places {
  /** State, as the step reads it and as it writes it. */
  homes: readonly Block[];
  written: readonly Block[];
  inputs: readonly Block[];
  output: Block;
}

/** A recorded step: `StepRecording` of `@resnet/trainer`. */
export class Recording {
  readonly trace: readonly string[];
  readonly #list: JobList;
  #disposed = false;

  constructor(
    private readonly backend: SimdBackend,
    private readonly recorder: Recorder,
    private readonly step: Step,
    private readonly places: Places,
    private readonly outputShape: number[],
  ) {
    const { runtime } = backend;
    this.trace = recorder.trace;
    this.#list = runtime.makeList(recorder.jobs, recorder.calls);
    recorder.pin(this.#list.block);
    this.#list.block.release();
    runtime.recordings.add(this);
  }

  /** See `StepRecording`. Also `null` for ever once the memory was needed otherwise. */
  replay(values: readonly (Float32Array | Tensor)[]): Tensor | null {
    const { runtime } = this.backend;
    const { homes, inputs } = this.places;
    const output = this.backend.makeOutputTensor(this.outputShape);
    runtime.scratch(this.recorder.scratch);
    const state = this.#disposed ? [] : this.step.state().map((tensor) => this.backend.dataOf(tensor));
    if (this.#disposed || !state.every((data, i) => data.canLiveIn(homes[i]!))) {
      this.backend.disposeData(output.dataId);
      return null;
    }
    for (const [i, data] of state.entries()) data.moveTo(homes[i]!);
    for (const [i, value] of values.entries()) this.#fill(inputs[i]!, value);
    runtime.replay(this.#list);
    this.#settle(output);
    return engine().makeTensorFromTensorInfo(output);
  }

  #fill(input: Block, value: Float32Array | Tensor): void {
    if (value instanceof Float32Array) this.backend.floats(input, value.length).set(value);
    else this.#copy(this.backend.block(value), input, value.size);
  }

  /** What was written goes where the next replay reads it. */
  #settle(output: TensorInfo): void {
    const { homes, written } = this.places;
    for (const [i, home] of homes.entries()) if (written[i] !== home) this.#copy(written[i]!, home, home.bytes / 4);
    this.#copy(this.places.output, this.backend.block(output), util.sizeFromShape(output.shape));
  }

  #copy(from: Block, to: Block, length: number): void {
    this.backend.floats(to, length).set(this.backend.floats(from, length));
  }

  /** Gives back its memory. */
  dispose(): void {
    if (this.#disposed) return;
    this.#disposed = true;
    this.backend.runtime.recordings.delete(this);
    this.recorder.release();
  }
}
