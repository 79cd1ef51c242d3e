import type { Block } from '../pool';
import type { Work } from '../work';
import type { Arena } from './arena';

/** Why a step is not recorded where the pool is full, as the end of a sentence. */
export const NO_ROOM = 'the memory has no room for a recording';

/** A job as it was run. */
export interface RecordedJob extends Work {
  readonly number: number;
  readonly words: Int32Array;
}

/** Work of JavaScript in the midst of a step, after so many of its jobs. */
export interface RecordedCall {
  readonly after: number;
  readonly call: () => void;
}

/** Notes what a step does: its jobs with their arguments, and the memory that must stay where it is for them. */
export class Recorder {
  readonly jobs: RecordedJob[] = [];
  readonly calls: RecordedCall[] = [];
  /** A line for each job and constant. */
  readonly trace: string[] = [];
  /** Bytes of scratch that the jobs need. */
  scratch = 0;
  /** Why the step cannot be recorded. */
  reason: string | undefined;
  /** The kernel that runs, where it is an inherited one. */
  kernel: string | undefined;
  readonly #pinned = new Set<Block>();
  readonly #taken: Block[] = [];
  #holds = true;

  /** @param arena Memory of what the step computes, held until `release`. */
  constructor(private readonly arena: Arena) {
    arena.open();
  }

  /** Whether it has memory that `release` gives back. */
  get holds(): boolean {
    return this.#holds;
  }

  /** A job was run. */
  job(job: RecordedJob): void {
    this.jobs.push(job);
    this.trace.push(`${job.label} (${job.chunks})`);
  }

  /** JavaScript does its part between two jobs; a replay calls it again. */
  call(call: () => void): void {
    this.calls.push({ after: this.jobs.length, call });
    this.trace.push('a call of JavaScript');
  }

  /** Values came from JavaScript: they stay where they are and count for every replay. */
  constant(block: Block, values: ArrayLike<number>): void {
    this.pin(block);
    this.trace.push(
      `${values.length === 1 ? `the number ${values[0]}` : `${values.length} numbers`} from JavaScript, ${hash(values)}`,
    );
  }

  /** The step reads a tensor that was there before. */
  use(block: Block): void {
    if (!this.#pinned.has(block)) this.trace.push(`a tensor at ${block.pointer} from outside`);
    this.pin(block);
  }

  /** Values of the step were read in JavaScript: what is made of them is not known. */
  readInJavaScript(): void {
    this.refuse(`${this.kernel ?? 'something'} runs in JavaScript`);
  }

  /** The step cannot be recorded; the first reason counts. */
  refuse(reason: string): void {
    this.reason ??= reason;
  }

  /** The address of a block must not be used otherwise while there is a recording. */
  pin(block: Block): void {
    if (this.#pinned.has(block)) return;
    block.pin();
    this.#pinned.add(block);
  }

  /** A block was taken for what the step computes. */
  took(block: Block): void {
    this.#taken.push(block);
  }

  /** Whether something of the step outlives it besides what is pinned: a replay would write over it. */
  get leaves(): boolean {
    return this.#taken.some((block) => block.users > 0 && !this.#pinned.has(block));
  }

  /** Gives all blocks free, and its part of the arena. What the step still computes comes from the pool. */
  release(): void {
    for (const block of this.#pinned) block.unpin();
    this.#pinned.clear();
    if (this.#holds) this.arena.close();
    this.#holds = false;
  }
}

/** FNV-1a over the bits of float32 values. */
function hash(values: ArrayLike<number>): string {
  const words = new Int32Array(Float32Array.from(values).buffer);
  let state = 0x811c9dc5;
  for (const word of words) state = Math.imul(state ^ word, 0x01000193);
  return (state >>> 0).toString(16).padStart(8, '0');
}
