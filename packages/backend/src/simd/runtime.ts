import type { Job } from '../../assembly/jobs';
import { ACTIVE, ARGUMENTS, FAILED, MAX_ARGUMENTS, SCRATCH, SCRATCH_STRIDE } from '../../assembly/layout';
import { SimdThreadError } from './errors';
import { compileModule, type Exports, type SimdLevel } from './module';
import { type Block, MAX_BYTES, Pool } from './pool';
import { canShare, inNode, startWorker, type WorkerHandle } from './workers';

/** How to start the runtime. */
export interface RuntimeOptions {
  /** Threads, the calling one included. */
  threads: number;
  /** A build other than the best. */
  level?: SimdLevel;
  /** Upper limit of the pool in bytes. */
  maxBytes?: number;
  /** Milliseconds without progress after which a worker counts as dead. */
  patience?: number;
}

const word = new DataView(new ArrayBuffer(4));

/** A float as a job's argument. */
export function float(value: number): number {
  word.setFloat32(0, value);
  return word.getInt32(0);
}

/** The wasm module, its memory and its threads. */
export class Runtime {
  readonly pool: Pool;
  /** Seconds spent by label, while profiling. */
  profile: Map<string, { calls: number; seconds: number }> | undefined;
  readonly #workers: (WorkerHandle | undefined)[] = [];
  readonly #arguments: Int32Array;
  readonly #flags: Int32Array;
  #scratch: Block | undefined;
  #stride = 0;
  #failure: string | undefined;

  private constructor(
    readonly module: WebAssembly.Module,
    readonly level: SimdLevel,
    readonly memory: WebAssembly.Memory,
    readonly exports: Exports,
    readonly options: RuntimeOptions,
  ) {
    this.pool = new Pool(memory, options.maxBytes);
    // A view of shared memory stays valid when it grows.
    this.#arguments = new Int32Array(memory.buffer, ARGUMENTS, MAX_ARGUMENTS);
    this.#flags = new Int32Array(memory.buffer, 0, ARGUMENTS / 4);
    this.setThreads(options.threads);
  }

  /** Compiles the module and starts the threads. */
  static async start(options: RuntimeOptions): Promise<Runtime> {
    const { module, level } = compileModule(options.level);
    const memory = new WebAssembly.Memory({ initial: 16, maximum: MAX_BYTES / 65536, shared: true });
    const instance = await WebAssembly.instantiate(module, { env: { memory, now: () => performance.now() } });
    return new Runtime(module, level, memory, instance.exports as unknown as Exports, options);
  }

  /** Threads that take part. */
  get threads(): number {
    return this.#flags[ACTIVE / 4] ?? 1;
  }

  /** Uses `count` threads from the next kernel on; one where memory cannot be shared. Results do not depend on it. */
  setThreads(count: number): void {
    const threads = canShare() ? count : 1;
    for (let slot = 1; slot < threads; slot++) this.#workers[slot] ??= this.#startWorker(slot);
    this.#flags[ACTIVE / 4] = threads;
    this.#stride = 0;
  }

  #startWorker(slot: number): WorkerHandle {
    const { module, memory } = this;
    return startWorker({ module, memory, slot }, () => {
      if (!this.#workers[slot]) return;
      this.#workers[slot] = undefined;
      this.#failure = `worker ${slot} ended`;
    });
  }

  /** Makes sure that each thread has `bytes` of scratch. */
  scratch(bytes: number): void {
    if (bytes <= this.#stride) return;
    const stride = Math.ceil(bytes / 4096) * 4096 + 64 * 5;
    this.#scratch?.release();
    this.#scratch = this.pool.take(stride * this.threads, `scratch of ${this.threads} threads`);
    this.#stride = stride;
    this.#flags[SCRATCH / 4] = this.#scratch.pointer;
    this.#flags[SCRATCH_STRIDE / 4] = stride;
  }

  /**
   * Runs a job on all threads and waits for it.
   *
   * @param chunks In how many pieces it comes; must not depend on the number of threads.
   * @param parallel Whether it is worth waking others.
   * @throws SimdThreadError if a thread died.
   */
  run(job: Job, label: string, chunks: number, args: readonly number[], parallel = true): void {
    this.#arguments.set(args);
    const start = this.profile ? performance.now() : 0;
    this.#failure ??= this.#tryRun(job, chunks, parallel);
    if (this.profile) this.#note(label, performance.now() - start);
    if (this.#failure) this.#fail(label);
  }

  /** What went wrong, if something did. */
  #tryRun(job: Job, chunks: number, parallel: boolean): string | undefined {
    try {
      const status = this.exports.run(job, chunks, parallel, inNode, this.options.patience ?? 20_000);
      return [undefined, 'a worker trapped', 'a worker does not answer'][status];
    } catch (error) {
      return `the calling one trapped (${error})`;
    }
  }

  #fail(label: string): never {
    const failure = this.#failure;
    this.#failure = undefined;
    this.#flags[FAILED / 4] = 0;
    for (const worker of this.#workers) worker?.terminate();
    this.#workers.length = 0;
    this.#flags[ACTIVE / 4] = 1;
    throw new SimdThreadError(
      `simd: all threads must finish ${label}, but ${failure}. This step's results are incomplete; going on with one thread, setThreads(n) starts new ones.`,
    );
  }

  #note(label: string, milliseconds: number): void {
    const entry = this.profile?.get(label) ?? { calls: 0, seconds: 0 };
    entry.calls++;
    entry.seconds += milliseconds / 1000;
    this.profile?.set(label, entry);
  }

  /** Ends the workers. */
  dispose(): void {
    const workers = this.#workers.splice(0);
    for (const worker of workers) worker?.terminate();
  }
}
