/// <reference types="@webgpu/types" />
import { type Command, encode, type GroupOf, type Timer } from './commands';
import { WebGpuError } from './errors';
import type { Pipelines } from './pipelines';

/**
 * The one order in which the device does things. Commands wait here until somebody reads, or until enough wait and every shader of
 * theirs is compiled; so shaders are compiled in parallel while the step that needs them goes on. Memory that commands write may be
 * reused at once, by later commands. Memory that JavaScript writes may not, since such a write happens at once: its reuse
 * waits for `afterSubmit`.
 */
export class CommandQueue {
  #waiting: Command[] = [];
  #recording: Command[] | undefined;
  #afterSubmit: (() => void)[] = [];
  /** Dispatches and submits since the start. */
  readonly counts = { dispatches: 0, submits: 0 };
  /** Times every dispatch while set. */
  timer: Timer | undefined;

  constructor(
    private readonly device: GPUDevice,
    private readonly pipelines: Pipelines,
    private readonly groupOf: GroupOf,
  ) {}

  /** Adds a command. */
  push(command: Command): void {
    this.#waiting.push(command);
    this.#recording?.push(command);
  }

  /** Notes all commands from now on in `commands`, until called without. */
  record(commands?: Command[]): void {
    this.#recording = commands;
  }

  /** Submits what waits if `enough` do and nothing is being compiled. */
  submitIfReady(enough = 1): void {
    if (this.pipelines.pending === 0 && this.#waiting.length >= enough) this.#submit();
  }

  /** Submits what waits; whether all of it could be. */
  drained(): boolean {
    this.submitIfReady();
    return this.#waiting.length === 0 && this.pipelines.pending === 0;
  }

  /**
   * Submits all that waits by now, after its shaders are compiled.
   *
   * @throws {WebGpuKernelError} naming a kernel that did not compile.
   */
  async flush(): Promise<void> {
    do await this.pipelines.ready();
    while (!this.drained());
  }

  /** Calls `free` after the next submit: a buffer that waiting commands use, or the next one will, may be written or destroyed then. */
  afterSubmit(free: () => void): void {
    this.#afterSubmit.push(free);
  }

  /** Writes values from JavaScript at once. Nothing may wait. */
  write({ buffer, offset = 0 }: GPUBufferBinding, values: Float32Array): void {
    this.#requireEmpty('write');
    this.device.queue.writeBuffer(buffer, offset, values.buffer, values.byteOffset, values.byteLength);
  }

  /** Sends commands to the device at once. Nothing may wait. */
  submit(commands: readonly Command[]): void {
    this.#requireEmpty('submit');
    this.#send(commands);
  }

  #submit(): void {
    const [commands, freed] = [this.#waiting, this.#afterSubmit];
    this.#waiting = [];
    this.#afterSubmit = [];
    this.#send(commands);
    for (const free of freed) free();
  }

  #send(commands: readonly Command[]): void {
    this.device.queue.submit([encode(this.device, commands, this.groupOf, this.timer)]);
    this.counts.submits++;
    this.counts.dispatches += commands.filter(({ kind }) => kind === 'dispatch').length;
  }

  #requireEmpty(what: string): void {
    const { length } = this.#waiting;
    if (length > 0) {
      throw new WebGpuError(`webgpu: no command may wait before a ${what} at once, got ${length}. Please report it.`);
    }
  }
}

/** Gives tfjs's kernels the interface of a command encoder, whose commands join the queue. */
export function queueEncoder(queue: CommandQueue, pipelines: Pipelines, bindingsOf: BindingsOf): GPUCommandEncoder {
  const foreign = (encodeIt: (encoder: GPUCommandEncoder) => void) => queue.push({ kind: 'foreign', encode: encodeIt });
  const encoder = {
    beginComputePass: () => passOf(queue, pipelines, bindingsOf),
    copyBufferToBuffer: (...args: unknown[]) => {
      const [from, fromOffset, to, toOffset, bytes] = args as [GPUBuffer, number, GPUBuffer, number, number];
      queue.push({ kind: 'copy', from, fromOffset, to, toOffset, bytes });
    },
    copyBufferToTexture: (...args: Parameters<GPUCommandEncoder['copyBufferToTexture']>) =>
      foreign((real) => void real.copyBufferToTexture(...args)),
    copyTextureToBuffer: (...args: Parameters<GPUCommandEncoder['copyTextureToBuffer']>) =>
      foreign((real) => void real.copyTextureToBuffer(...args)),
    copyTextureToTexture: (...args: Parameters<GPUCommandEncoder['copyTextureToTexture']>) =>
      foreign((real) => void real.copyTextureToTexture(...args)),
  };
  return encoder as unknown as GPUCommandEncoder;
}

/** What was bound when a group of tfjs's was made. */
export type BindingsOf = (group: GPUBindGroup) => readonly GPUBindingResource[];

function passOf(queue: CommandQueue, pipelines: Pipelines, bindingsOf: BindingsOf): GPUComputePassEncoder {
  let pipeline: GPUComputePipeline | undefined;
  let group: GPUBindGroup | undefined;
  const pass = {
    setPipeline: (next: GPUComputePipeline) => {
      pipeline = next;
    },
    setBindGroup: (_: number, next: GPUBindGroup) => {
      group = next;
    },
    dispatchWorkgroups: (x: number, y = 1, z = 1) =>
      queue.push({
        kind: 'dispatch',
        label: pipeline!.label || 'tfjs',
        pipeline: pipelines.stock(pipeline!),
        bindings: bindingsOf(group!),
        grid: [x, y, z],
      }),
    end: () => {},
  };
  return pass as unknown as GPUComputePassEncoder;
}
