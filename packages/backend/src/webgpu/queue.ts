/// <reference types="@webgpu/types" />
import { type Command, encode, type GroupOf, type Timer } from './commands';
import type { Pipelines } from './pipelines';

/**
 * Commands that wait for the device, in order. They are encoded when somebody reads, or when enough wait and every
 * shader of theirs is compiled; so shaders are compiled in parallel while the step that needs them goes on.
 */
export class CommandQueue {
  #waiting: Command[] = [];
  #recording: Command[] | undefined;
  /** Dispatches and submits since the start. */
  readonly counts = { dispatches: 0, submits: 0 };
  /** Times every dispatch while set. */
  timer: Timer | undefined;

  constructor(
    private readonly device: GPUDevice,
    private readonly pipelines: Pipelines,
    private readonly groupOf: GroupOf,
    /** Called when all commands so far went to the device. */
    private readonly onSubmitted: () => void,
  ) {}

  /** Adds a command. */
  push(command: Command): void {
    this.#waiting.push(command);
    this.#recording?.push(command);
    if (command.kind === 'dispatch') this.counts.dispatches++;
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
    await this.pipelines.ready();
    this.submitIfReady();
  }

  /** Sends commands to the device at once, past those that wait. */
  submit(commands: readonly Command[]): void {
    this.device.queue.submit([encode(this.device, commands, this.groupOf, this.timer)]);
    this.counts.submits++;
  }

  #submit(): void {
    const commands = this.#waiting;
    this.#waiting = [];
    this.submit(commands);
    this.onSubmitted();
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
