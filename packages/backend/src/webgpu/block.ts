/// <reference types="@webgpu/types" />

/** A stretch of a buffer, shared by the tensors and waiting computations that use it. */
export class Block {
  #users = 1;

  /** Begins with one user. `free` is called when the last one is gone. */
  constructor(
    readonly buffer: GPUBuffer,
    readonly offset: number,
    readonly bytes: number,
    private readonly free: () => void,
  ) {}

  /** How many hold it. */
  get users(): number {
    return this.#users;
  }

  /** Adds a user. */
  retain(): this {
    this.#users++;
    return this;
  }

  /** Takes a user away. */
  release(): void {
    if (--this.#users === 0) this.free();
  }

  /** As bind groups take it. */
  get binding(): GPUBufferBinding {
    return { buffer: this.buffer, offset: this.offset, size: this.bytes };
  }
}
