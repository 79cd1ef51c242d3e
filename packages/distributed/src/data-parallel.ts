import { availableParallelism } from 'node:os';
import { DistributedError } from './errors';
import { type Threads, threadsOf } from './threads';
import type { World } from './world';

/** Checkpoints as `@resnet/trainer` stores them: `CheckpointStore` there. */
export interface Store<Checkpoint> {
  /** Names of what is there. */
  list(): Promise<readonly string[]>;
  /** The bytes of one. */
  read(name: string): Promise<Uint8Array>;
  /** Stores one and gives its name. */
  write(checkpoint: Checkpoint, warn?: (message: string) => void): Promise<string>;
}

/** How the layers of a network normalize with the images of all processes. */
export interface SharedStatistics {
  /** Sums values over all processes, in place, before it returns. */
  sum(values: Float64Array): void;
  /** Whether this process's images count in the running step. */
  counts(): boolean;
}

/**
 * Training by several processes, each on its part of every batch: `parallel` of `train`, and what a program around it needs. Whatever is called, all processes call
 * in the same order, but for what {@link World} marks `alone`.
 */
export interface DataParallel {
  /** The processes. */
  readonly world: World;
  /** Number of this process, from 0: 0 decides, and writes for all. */
  readonly rank: number;
  /** How many there are. */
  readonly size: number;
  /** Compute threads for this process, so that those of a host share its cores. */
  readonly threads: Threads;
  /** Statistics of normalization over all processes: `normalizeTogether` of `@resnet/blocks` takes it. */
  readonly statistics: SharedStatistics;
  /** A step begins. Without images of its own a process computes on one that does not count: what it adds is zero. */
  begin(counts: boolean): void;
  /** Begins to sum a gradient over all processes, in place, while the backward pass goes on. Neither read nor write it before `finish`. */
  add(values: Float32Array): void;
  /** Waits until all gradients are summed: the same bits in every process. */
  finish(): void;
  /** Sums numbers over all processes, in float64. */
  sum(values: readonly number[]): Promise<number[]>;
  /** Copies rank 0's values to all, in place. */
  broadcast(values: Float32Array): Promise<void>;
  /** Does work on rank 0, and gives its result, plain JSON, to all; also its failure. The others wait as long as it takes, up to an hour. */
  onRoot<T>(work: () => T | Promise<T>): Promise<T>;
  /**
   * Makes sure that all processes have the same facts, before they work together.
   *
   * @param facts By name, as the object of a sentence: `{ 'data set': fingerprint }`.
   * @throws DistributedError, in all processes, naming rank and host of one that has others.
   */
  requireSame(facts: Readonly<Record<string, string>>): Promise<void>;
  /** Lets one process of each host work before its others, who then find on its disk what the first has made. */
  oneByHostFirst<T>(work: () => Promise<T>): Promise<T>;
  /** A store whose files are rank 0's: it writes and reads, and all get what was read. */
  checkpoints<Checkpoint>(store: Store<Checkpoint>): Store<Checkpoint>;
}

/** Settings of {@link dataParallel}. */
export interface DataParallelOptions {
  /** Bytes of a bucket of small gradients; larger ones go by themselves. Default 1 MiB. */
  bucketBytes?: number;
}

/** What the processes of a world need to train one model together. */
export function dataParallel(world: World, { bucketBytes }: DataParallelOptions = {}): DataParallel {
  const { rank, size, members } = world;
  const sums = world.sums(bucketBytes);
  let counts = true;
  const onRoot = async <T>(work: () => T | Promise<T>): Promise<T> => {
    const own = rank === 0 ? await world.working(() => outcome(work)) : null;
    const told = await world.share(own && (own.error ? { error: messageOf(own.error) } : { value: own.value }));
    if (own?.error) throw own.error;
    if (told && 'error' in told) throw new DistributedError(`rank 0 (${members[0]?.host}) failed: ${told.error}`);
    return (own ?? told)?.value as T;
  };
  return {
    world,
    rank,
    size,
    threads: threadsOf(members, rank, availableParallelism()),
    statistics: { sum: world.sumNow, counts: () => counts },
    begin: (value) => {
      counts = value;
    },
    add: (values) => sums.add(counts ? values : values.fill(0)),
    finish: sums.finish,
    sum: world.sum,
    broadcast: world.broadcast,
    onRoot,
    requireSame: async (facts) => requireSame(await world.gather(facts), members),
    oneByHostFirst: async (work) => {
      const isFirst = members.findIndex(({ host }) => host === members[rank]?.host) === rank;
      const early = isFirst ? await world.working(work) : undefined;
      await world.barrier();
      return isFirst ? (early as Awaited<ReturnType<typeof work>>) : world.working(work);
    },
    checkpoints: (store) => ({
      list: () => onRoot(() => store.list()),
      read: async (name) => {
        let bytes = new Uint8Array();
        const length = await onRoot(async () => {
          bytes = Uint8Array.from(await store.read(name));
          return bytes.length;
        });
        if (rank !== 0) bytes = new Uint8Array(length);
        await world.broadcast(bytes);
        return bytes;
      },
      write: (checkpoint, warn) => onRoot(() => store.write(checkpoint, warn)),
    }),
  };
}

async function outcome<T>(work: () => T | Promise<T>): Promise<{ value?: T; error?: unknown }> {
  try {
    return { value: await work() };
  } catch (error) {
    return { error: error ?? new Error('failed without an error') };
  }
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

function requireSame(all: readonly Readonly<Record<string, string>>[], members: World['members']): void {
  const [first = {}] = all;
  for (const [rank, facts] of all.entries()) {
    const name = Object.keys(first).find((key) => facts[key] !== first[key]);
    if (name === undefined) continue;
    throw new DistributedError(
      `mpi: every process must have the same ${name}, got ${first[name]} on rank 0 (${members[0]?.host}) and ${facts[name]} on rank ${rank} (${members[rank]?.host}). Make them the same on all hosts.`,
    );
  }
}
