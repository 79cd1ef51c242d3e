import { encodeJob, type JobArguments, type Words } from '../../contract/encode';
import { type JobName, jobNames } from '../../contract/jobs';
import {
  ACTIVE,
  ARGUMENTS,
  FAILED,
  MAX_ARGUMENTS,
  NATIVE,
  REPLAYED,
  SCRATCH,
  SCRATCH_STRIDE,
} from '../../contract/layout';
import { SimdMemoryError, SimdThreadError } from './errors';
import type { SimdLevel, WasmLevel } from './level';
import { compileModule, type Exports } from './module';
import { loadNative, type NativeCode, noNativeCode } from './native';
import { inNode } from './node-module';
import { type Block, MAX_BYTES, Pool } from './pool';
import { Arena } from './recording/arena';
import { NO_ROOM, type RecordedCall, type RecordedJob, type Recorder } from './recording/recorder';
import type { Work } from './work';
import { canShare, startWorker, type WorkerHandle } from './workers';

/** How to start the runtime. */
export interface RuntimeOptions {
  /** Threads, the calling one included. */
  threads: number;
  /** A build of WebAssembly other than the best. */
  wasm?: WasmLevel;
  /** Upper limit of the pool in bytes. */
  maxBytes?: number;
  /** Milliseconds without progress after which a worker counts as dead. */
  patience?: number;
  /** Native code that is asked first. */
  native?: NativeCode;
}

/** Jobs of a recorded step, in the memory, and the calls of JavaScript among them. */
export interface JobList {
  readonly block: Block;
  readonly stretches: readonly Stretch[];
}

/** Jobs that follow each other, and what JavaScript does after them. */
interface Stretch {
  readonly pointer: number;
  readonly jobs: readonly RecordedJob[];
  readonly call?: () => void;
}

const numbers = new Map<JobName, number>(jobNames.map((name, i) => [name, i]));

/** Shared memory is moved nowhere when it grows, so addresses for all of it are taken at once; pages come later. */
function reserve(bytes: number): WebAssembly.Memory {
  try {
    return new WebAssembly.Memory({ initial: 16, maximum: Math.max(16, Math.ceil(bytes / 65536)), shared: true });
  } catch (cause) {
    throw new SimdMemoryError(
      `simd: addresses for ${bytes / 2 ** 20} MiB must be free, got ${cause instanceof Error ? cause.message : cause}. Raise the limit (ulimit -v) or lower maxBytes.`,
      { cause },
    );
  }
}

/** The wasm module, its memory and its threads. */
export class Runtime {
  readonly pool: Pool;
  /** Memory of recorded steps. */
  readonly arena: Arena;
  /** Recordings that hold memory. */
  readonly recordings = new Set<{ dispose(): void }>();
  /** Notes what runs, while a step is recorded. */
  recorder: Recorder | undefined;
  /** Seconds spent by label, while profiling. */
  profile: Map<string, { calls: number; seconds: number }> | undefined;
  readonly #workers: (WorkerHandle | undefined)[] = [];
  readonly #arguments: Words;
  readonly #flags: Int32Array;
  #scratch: Block | undefined;
  #stride = 0;
  #failure: string | undefined;
  /** What the job that may still run is called. */
  #running: string | undefined;

  private constructor(
    readonly module: WebAssembly.Module,
    readonly wasm: WasmLevel,
    readonly memory: WebAssembly.Memory,
    readonly exports: Exports,
    readonly options: RuntimeOptions,
  ) {
    this.pool = new Pool(memory, options.maxBytes);
    this.arena = new Arena(this.pool);
    this.pool.makeRoom = () => this.#giveUpRecordings();
    // A view of shared memory stays valid when it grows.
    this.#arguments = {
      ints: new Int32Array(memory.buffer, ARGUMENTS, MAX_ARGUMENTS),
      floats: new Float32Array(memory.buffer, ARGUMENTS, MAX_ARGUMENTS),
    };
    this.#flags = new Int32Array(memory.buffer, 0, ARGUMENTS / 4);
    this.#flags[NATIVE / 4] = options.native ? 1 : 0;
    this.setThreads(options.threads);
  }

  /** Compiles the module and starts the threads. */
  static async start(options: RuntimeOptions): Promise<Runtime> {
    const { module, level } = compileModule(options.wasm);
    const memory = reserve(options.maxBytes ?? MAX_BYTES);
    const native = options.native ? loadNative(options.native, memory) : noNativeCode;
    const env = { memory, now: () => performance.now(), native };
    const instance = await WebAssembly.instantiate(module, { env });
    return new Runtime(module, level, memory, instance.exports as unknown as Exports, options);
  }

  /** Whether native code does the hot jobs, whose blocks and partial results are then cut as suits it. */
  get isNative(): boolean {
    return this.options.native !== undefined;
  }

  /** What does the work. */
  get level(): SimdLevel {
    return this.options.native?.level ?? this.wasm;
  }

  /** Threads that take part. */
  get threads(): number {
    return this.#flags[ACTIVE / 4] ?? 1;
  }

  /** Uses `count` threads from the next kernel on; one where memory cannot be shared. Results do not depend on it. */
  setThreads(count: number): void {
    this.sync();
    const threads = canShare() ? count : 1;
    for (let slot = 1; slot < threads; slot++) this.#workers[slot] ??= this.#startWorker(slot);
    this.#flags[ACTIVE / 4] = threads;
    this.#stride = 0;
  }

  #startWorker(slot: number): WorkerHandle {
    const { module, memory } = this;
    return startWorker({ module, memory, slot, native: this.options.native }, () => {
      if (!this.#workers[slot]) return;
      this.#workers[slot] = undefined;
      this.#failure = `worker ${slot} ended`;
    });
  }

  /** A step needs less memory than its recording: what recordings hold goes first where memory is short, that of the running step included. */
  #giveUpRecordings(): boolean {
    const any = this.recordings.size > 0 || this.recorder?.holds === true;
    for (const recording of this.recordings) recording.dispose();
    this.recorder?.refuse(NO_ROOM);
    this.recorder?.release();
    return any;
  }

  /** Makes sure that each thread has `bytes` of scratch. */
  scratch(bytes: number): void {
    if (this.recorder) this.recorder.scratch = Math.max(this.recorder.scratch, bytes);
    if (bytes <= this.#stride) return;
    this.sync();
    const stride = Math.ceil(bytes / 4096) * 4096 + 64 * 5;
    this.#scratch?.release();
    this.#scratch = undefined;
    this.#stride = 0; // until there is a new one: the pool may be full
    const bytesOfAll = stride * this.threads;
    this.#scratch = this.pool.outside(() =>
      this.pool.keep(this.pool.take(bytesOfAll, `scratch of ${this.threads} threads`)),
    );
    this.#stride = stride;
    this.#flags[SCRATCH / 4] = this.#scratch.pointer;
    this.#flags[SCRATCH_STRIDE / 4] = stride;
  }

  /**
   * Runs a job on all threads, after all before it. It may still run when this returns, so that JavaScript prepares the next one meanwhile:
   * `sync` before reading or writing the memory.
   *
   * @throws SimdThreadError if a thread died.
   */
  run<J extends JobName>(job: J, args: JobArguments<J>, { label, chunks, parallel = true }: Work): void {
    this.sync();
    const words = encodeJob(job, args, this.#arguments);
    const number = numbers.get(job) ?? 0;
    const call = parallel && chunks > 1;
    this.recorder?.job({ number, words: this.#arguments.ints.slice(0, words), label, chunks, parallel: call });
    this.#begin(number, label, chunks, call);
  }

  /** Begins the job whose arguments are in place. */
  #begin(number: number, label: string, chunks: number, call: boolean): void {
    if (this.#failure) this.#fail(label);
    const start = this.profile ? performance.now() : 0;
    this.#running = label;
    if (call && this.threads > 1) this.exports.begin(number, chunks);
    else this.#guard(() => this.exports.run(number, chunks));
    if (this.#failure) this.#fail(label);
    if (!this.profile) return;
    this.sync();
    this.#note(label, performance.now() - start);
  }

  /** Waits for the job that runs, if one does. */
  sync(): void {
    if (!this.#running) return;
    const label = this.#running;
    this.#guard(() => this.exports.finish(inNode, this.#patience));
    if (this.#failure) this.#fail(label);
  }

  get #patience(): number {
    return this.options.patience ?? 20_000;
  }

  /** Runs `step` while `recorder` notes its jobs; what it allocates comes from the recordings' own memory. */
  recording<T>(recorder: Recorder, step: () => T): T {
    this.recorder = recorder;
    const { arena } = this;
    this.pool.arena = {
      reuse: (bytes) => arena.reuse(bytes),
      took: (block) => recorder.took(block),
      give: (piece) => arena.give(piece),
      keep: (block) => arena.keep(block),
    };
    try {
      return step();
    } finally {
      this.recorder = undefined;
      this.pool.arena = undefined;
    }
  }

  /** Puts recorded jobs into the memory, one behind the other, as the module's `replay` reads them. */
  makeList(jobs: readonly RecordedJob[], calls: readonly RecordedCall[]): JobList {
    const wordsOf = (job: RecordedJob): number[] => [
      job.number,
      job.chunks,
      job.parallel ? 1 : 0,
      job.words.length,
      ...job.words,
    ];
    const words = jobs.flatMap(wordsOf);
    const block = this.pool.take(words.length * 4, 'a recorded step');
    this.ints(block.pointer, words.length).set(words);
    const starts = [0, ...calls.map(({ after }) => after)];
    let { pointer } = block;
    const stretches = starts.map((start, i): Stretch => {
      const stretch = jobs.slice(start, starts[i + 1] ?? jobs.length);
      const at = pointer;
      pointer += 4 * stretch.flatMap(wordsOf).length;
      return { pointer: at, jobs: stretch, ...(calls[i] && { call: calls[i].call }) };
    });
    return { block, stretches };
  }

  /**
   * Runs all jobs of a list, and calls in between.
   *
   * @throws SimdThreadError if a thread died; whatever a call throws.
   */
  replay({ stretches }: JobList): void {
    for (const { pointer, jobs, call } of stretches) {
      this.#replay(pointer, jobs);
      call?.();
    }
  }

  #replay(pointer: number, jobs: readonly RecordedJob[]): void {
    this.sync();
    if (this.#failure) this.#fail('a recorded step');
    if (this.profile) {
      for (const { number, words, label, chunks, parallel = true } of jobs) {
        this.#arguments.ints.set(words);
        this.#begin(number, label, chunks, parallel);
      }
      return;
    }
    this.#guard(() => this.exports.replay(pointer, jobs.length, inNode, this.#patience));
    if (this.#failure) this.#fail(jobs[this.#flags[REPLAYED / 4] ?? 0]?.label ?? 'a recorded step');
  }

  /** A view of floats in the memory, valid until the pool grows or the next job runs. */
  floats(pointer: number, length: number): Float32Array {
    this.sync();
    return new Float32Array(this.memory.buffer, pointer, length);
  }

  /** Like `floats`, of whole numbers. */
  ints(pointer: number, length: number): Int32Array {
    this.sync();
    return new Int32Array(this.memory.buffer, pointer, length);
  }

  /** Ends the running job by `f`, and notes what went wrong. */
  #guard(f: () => unknown): void {
    this.#running = undefined;
    try {
      const status = Number(f() ?? 0);
      this.#failure ??= [undefined, 'a worker trapped', 'a worker does not answer'][status];
    } catch (error) {
      this.#failure = `the calling one trapped (${error})`;
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
    this.sync();
    const workers = this.#workers.splice(0);
    for (const worker of workers) worker?.terminate();
  }
}
