/// <reference types="@webgpu/types" />
import type { BufferManager } from './tfjs';

/** Takes and returns buffers of a device; those of one size and usage are reused. */
export class Buffers implements BufferManager {
  numBytesUsed = 0;
  numBytesAllocated = 0;
  readonly #free = new Map<string, GPUBuffer[]>();
  readonly #used = new Set<GPUBuffer>();
  #recorder: BufferRecorder | undefined;

  constructor(
    private readonly device: GPUDevice,
    /** Gets the size in bytes of a buffer for which there was no memory. */
    private readonly onFull: (bytes: number) => void,
  ) {}

  /** While `recorder` is set, buffers are fresh, and it decides whether one that is returned is kept. */
  set recorder(recorder: BufferRecorder | undefined) {
    this.#recorder = recorder;
  }

  acquireBuffer(size: number, usage: number, mappedAtCreation = false, reuse = true): GPUBuffer {
    const free = reuse && !this.#recorder ? this.#free.get(key(size, usage))?.pop() : undefined;
    const buffer = free ?? this.#create(size, usage, mappedAtCreation);
    this.#used.add(buffer);
    this.numBytesUsed += size;
    this.#recorder?.acquired(buffer);
    return buffer;
  }

  releaseBuffer(buffer: GPUBuffer, reuse = true): void {
    if (!this.#used.delete(buffer)) return;
    this.numBytesUsed -= buffer.size;
    if (this.#recorder?.keeps(buffer)) return;
    if (reuse) this.#shelf(buffer).push(buffer);
    else this.#destroy(buffer);
  }

  /** Returns a buffer that a recorder kept. */
  giveBack(buffer: GPUBuffer): void {
    if (!this.#used.has(buffer)) this.#shelf(buffer).push(buffer);
  }

  dispose(): void {
    for (const buffer of [...this.#used, ...[...this.#free.values()].flat()]) buffer.destroy();
    this.#used.clear();
    this.#free.clear();
    this.numBytesUsed = this.numBytesAllocated = 0;
  }

  #create(size: number, usage: number, mappedAtCreation: boolean): GPUBuffer {
    this.device.pushErrorScope('out-of-memory');
    const buffer = this.device.createBuffer({ size, usage, mappedAtCreation });
    void this.device.popErrorScope().then(
      (error) => error && this.onFull(size),
      () => {}, // a lost device; told by `device.lost`
    );
    this.numBytesAllocated += size;
    return buffer;
  }

  #destroy(buffer: GPUBuffer): void {
    this.numBytesAllocated -= buffer.size;
    buffer.destroy();
  }

  #shelf({ size, usage }: GPUBuffer): GPUBuffer[] {
    const shelf = this.#free.get(key(size, usage)) ?? [];
    this.#free.set(key(size, usage), shelf);
    return shelf;
  }
}

/** Hears of buffers while a step is recorded. */
export interface BufferRecorder {
  acquired(buffer: GPUBuffer): void;
  /** Whether a buffer that nobody uses any more must not be handed out again yet. */
  keeps(buffer: GPUBuffer): boolean;
}

const key = (size: number, usage: number): string => `${size}/${usage}`;
