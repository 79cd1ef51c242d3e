/// <reference types="@webgpu/types" />
import { WebGpuKernelError } from './errors';

/** A shader on its way to be compiled, or ready. */
export interface Pipeline {
  /** A number that no other shader has. */
  readonly id: number;
  /** The compiled shader. Must not be read before `Pipelines.ready`. */
  readonly gpu: GPUComputePipeline;
  readonly layout: GPUBindGroupLayout;
}

/** Compiles shaders, all at once and each only once. */
export class Pipelines {
  readonly #known = new Map<string, Compiling>();
  readonly #stock = new WeakMap<GPUComputePipeline, Pipeline>();
  readonly #pending = new Set<Promise<void>>();
  #failure: Error | undefined;

  constructor(private readonly device: GPUDevice) {}

  /** How many are still being compiled. */
  get pending(): number {
    return this.#pending.size;
  }

  /** How many there are, those included. */
  get count(): number {
    return this.#known.size;
  }

  /** The pipeline of a shader, whose compilation begins with the first call. */
  get(code: string, label: string): Pipeline {
    const known = this.#known.get(code);
    if (known) return known;
    const pipeline = new Compiling();
    this.#known.set(code, pipeline);
    const work = this.#compile(code, label).then(
      (gpu) => pipeline.done(gpu),
      (error) => {
        this.#failure ??= new WebGpuKernelError(
          `webgpu: kernel '${label}' must compile, got: ${error instanceof Error ? error.message : error}. Please report it with the name of the GPU.`,
        );
      },
    );
    const tracked = work.finally(() => this.#pending.delete(tracked));
    this.#pending.add(tracked);
    return pipeline;
  }

  /** The pipeline of a shader, compiled at once. */
  now(code: string, label: string): Pipeline {
    const module = this.device.createShaderModule({ code, label });
    return this.stock(
      this.device.createComputePipeline({ label, layout: 'auto', compute: { module, entryPoint: 'main' } }),
    );
  }

  /** A pipeline that tfjs compiled. */
  stock(gpu: GPUComputePipeline): Pipeline {
    const known = this.#stock.get(gpu) ?? { id: next++, gpu, layout: gpu.getBindGroupLayout(0) };
    this.#stock.set(gpu, known);
    return known;
  }

  /**
   * Resolves when all are compiled.
   *
   * @throws {WebGpuKernelError} naming the kernel that did not compile.
   */
  async ready(): Promise<void> {
    while (this.#pending.size > 0) await Promise.all(this.#pending);
    if (this.#failure) throw this.#failure;
  }

  async #compile(code: string, label: string): Promise<GPUComputePipeline> {
    const module = this.device.createShaderModule({ code, label });
    return this.device.createComputePipelineAsync({ label, layout: 'auto', compute: { module, entryPoint: 'main' } });
  }
}

let next = 0;

class Compiling implements Pipeline {
  readonly id = next++;
  #gpu: GPUComputePipeline | undefined;
  #layout: GPUBindGroupLayout | undefined;

  done(gpu: GPUComputePipeline): void {
    this.#gpu = gpu;
  }

  get gpu(): GPUComputePipeline {
    if (!this.#gpu)
      throw new WebGpuKernelError('webgpu: a kernel must be compiled before it runs. Await a read first.');
    return this.#gpu;
  }

  get layout(): GPUBindGroupLayout {
    this.#layout ??= this.gpu.getBindGroupLayout(0);
    return this.#layout;
  }
}
