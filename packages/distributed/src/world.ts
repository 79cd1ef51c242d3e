import { hostname } from 'node:os';
import { bucketedSums, type Sums } from './all-reduce';
import { type Calls, startCalls, type Values } from './calls';
import { cpusAllowed } from './cpus-allowed';
import { DistributedError } from './errors';
import { findLauncher, type Launcher, type MpiFamily } from './launcher';
import { loadLibrary } from './library';
import { watchPeers } from './peers';
import { askForAlgorithm } from './reduction-order';
import { soon, waitFor } from './wait';

/** One process of the job, as all know it. */
export interface Member {
  /** Its host's name. */
  readonly host: string;
  /** Its process ID there. */
  readonly pid: number;
  /** The logical CPUs that it may run on, as the system lists them, `0-3`; empty where that is unknown. */
  readonly cpus: string;
}

/** The library behind a {@link World}. */
export interface WorldLibrary {
  /** What it says of itself, as `Open MPI v4.1.4`. */
  readonly version: string;
  /** Its family. */
  readonly family: MpiFamily;
  /** The file that was loaded. */
  readonly file: string;
  /** Why this one, as the end of a sentence. */
  readonly why: string;
}

/** All processes of a job, seen from one of them. Whatever is asked of it, all processes must ask, in the same order, but for what is marked `alone`. */
export interface World {
  /** Number of this process, from 0. */
  readonly rank: number;
  /** How many there are. */
  readonly size: number;
  /** All of them, by rank. */
  readonly members: readonly Member[];
  /** Who does the work. */
  readonly library: WorldLibrary;
  /**
   * Sums of float arrays in buckets, begun without waiting.
   *
   * @param bucketBytes Arrays of this many bytes go by themselves, in place; smaller ones together. Default 1 MiB.
   */
  sums(bucketBytes?: number): Sums;
  /** Begins to sum all arrays over all processes, in place; the promise is of the end. Wait for one before the next. */
  allReduce(arrays: readonly Float32Array[]): Promise<void>;
  /** Sums numbers over all processes in float64. */
  sum(values: readonly number[]): Promise<number[]>;
  /** The same while this thread waits, for within a step. */
  sumNow(values: Float64Array): void;
  /** Copies rank 0's values to all processes, in place. */
  broadcast(values: Values): Promise<void>;
  /** Rank 0's value as all others get it. Plain JSON. */
  share<T>(value: T): Promise<T>;
  /** Each process's value, by rank. Plain JSON. */
  gather<T>(own: T): Promise<T[]>;
  /** Waits until all processes are here. */
  barrier(): Promise<void>;
  /** Alone: this process works on what others wait for; say so at least every ten seconds where that takes long. */
  alive(): void;
  /** Alone: does work of unknown length, and lets the others know meanwhile, for up to an hour, that it goes on. */
  working<T>(work: () => Promise<T>): Promise<T>;
  /** Alone: ends all processes of the job with a message that names this rank and host. Never returns. */
  abort(error: unknown, code?: number): never;
  /** Leaves the job. A process that ends without it ends all others. */
  close(): Promise<void>;
}

/** Settings of {@link mpi}. */
export interface MpiOptions {
  /** Seconds without a sign of a process that others wait for, after which all end. Default: `RESNET_MPI_PATIENCE`, else 20. */
  patience?: number;
  /** The library's file. Default: `RESNET_MPI_LIBRARY`, else the launcher's. */
  library?: string;
}

let world: Promise<World> | undefined;

/**
 * Joins the processes that `mpirun`, `mpiexec` or `srun` started.
 *
 * MPI starts once a process: later calls give the same world. From then on a process that ends before `close()`, by an exception or
 * otherwise, ends all processes of the job, so that none waits for it forever.
 *
 * @throws DistributedError where nothing started this process as one of several, and where there is no library.
 */
export function mpi(options: MpiOptions = {}): Promise<World> {
  world ??= start(options);
  return world;
}

async function start(options: MpiOptions): Promise<World> {
  const launcher = findLauncher();
  if (!launcher) {
    throw new DistributedError(
      'mpi: the program must be started by MPI, as mpirun -n 4 node train.js, got a process of its own. Start it so, or leave mpi() out.',
    );
  }
  const found = loadLibrary(launcher, options.library ?? process.env.RESNET_MPI_LIBRARY);
  askForAlgorithm(found.abi.family);
  const calls = startCalls(found);
  requireWhole(calls, launcher, found.version);
  return worldOf(calls, patienceOf(options), {
    version: found.version,
    family: found.abi.family,
    file: found.file,
    why: `${launcher.variable} is set: ${launcher.name} started this process`,
  });
}

/** A library of another family than the launcher's finds itself alone. */
function requireWhole({ size }: Calls, { size: told, name }: Launcher, version: string): void {
  if (told === null || told === size) return;
  throw new DistributedError(
    `mpi: ${version} must find the ${told} processes that ${name} started, got ${size}. Start them with the mpirun of that library, or set RESNET_MPI_LIBRARY to the launcher's own.`,
  );
}

function patienceOf({ patience }: MpiOptions): number {
  const seconds = patience ?? Number(process.env.RESNET_MPI_PATIENCE ?? 20);
  if (seconds > 0) return seconds * 1000;
  throw new DistributedError(`mpi: patience must be a number of seconds above 0, got ${seconds}. Try 20.`);
}

/** Bytes of a bucket. */
const BUCKET = 2 ** 20;
/** Milliseconds that `working` speaks for work at most. */
const HOUR = 3_600_000;

async function worldOf(calls: Calls, patience: number, library: WorldLibrary): Promise<World> {
  const { rank, size } = calls;
  let members: readonly Member[] = [];
  const peers = watchPeers(calls, () => members.map(({ host }) => host), patience);
  let open = true;

  const broadcast = (values: Values, root = 0) => soon(calls.broadcast(values, root), peers, 'a broadcast');
  const sum = async (values: readonly number[]): Promise<number[]> => {
    const sums = Float64Array.from(values);
    await soon(calls.allReduce(sums), peers, 'a sum');
    return [...sums];
  };
  const share = async <T>(value: T, root = 0): Promise<T> => {
    const own = new TextEncoder().encode(JSON.stringify(value ?? null));
    const length = Float64Array.of(own.length);
    await broadcast(length, root);
    const bytes = rank === root ? own : new Uint8Array(length[0]!);
    await broadcast(bytes, root);
    return JSON.parse(new TextDecoder().decode(bytes)) as T;
  };
  const gather = async <T>(own: T): Promise<T[]> => {
    const bytes = new TextEncoder().encode(JSON.stringify(own ?? null));
    const lengths = await sum(Array.from({ length: size }, (_, i) => (i === rank ? bytes.length : 0)));
    const widest = Math.max(...lengths);
    const padded = new Uint8Array(widest);
    padded.set(bytes);
    const all = new Uint8Array(widest * size);
    await soon(calls.allGather(padded, all), peers, 'an exchange of facts');
    return lengths.map(
      (length, i) => JSON.parse(new TextDecoder().decode(all.subarray(i * widest, i * widest + length))) as T,
    );
  };
  const abort = (error: unknown, code = 1): never => {
    open = false;
    const { host } = members[rank] ?? { host: hostname() };
    const message = error instanceof Error ? error.message : String(error);
    process.stderr.write(`rank ${rank} of ${size} (${host}): ${escaped(message)}\n`);
    peers.failed(message);
    calls.abort(code);
    process.exit(code);
  };

  members = await gather<Member>({ host: hostname(), pid: process.pid, cpus: cpusAllowed() });
  // However a process ends: the others would wait for it. Node says what was not caught after this.
  let uncaught: unknown;
  process.on('uncaughtExceptionMonitor', (error) => {
    uncaught = error;
  });
  process.once('exit', (code) => {
    if (open) abort(uncaught ?? `ended with exit code ${code} before the others were done`, code || 1);
  });

  return {
    rank,
    size,
    members,
    library,
    sums: (bucketBytes = BUCKET) => bucketedSums(calls, peers, bucketBytes),
    allReduce: (arrays) => {
      const sums = bucketedSums(calls, peers, BUCKET);
      for (const array of arrays) sums.add(array);
      return sums.finished();
    },
    sum,
    sumNow: (values) => waitFor(calls.allReduce(values), peers, 'a sum'),
    broadcast: (values) => broadcast(values),
    share: (value) => share(value),
    gather,
    barrier: () => soon(calls.barrier(), peers, 'a barrier'),
    alive: peers.alive,
    working: async (work) => {
      const end = performance.now() + HOUR;
      const timer = setInterval(() => (performance.now() < end ? peers.alive() : clearInterval(timer)), 1000);
      try {
        return await work();
      } finally {
        clearInterval(timer);
      }
    },
    abort,
    close: async () => {
      await soon(calls.barrier(), peers, 'the end');
      open = false;
      calls.finalize();
    },
  };
}

/** Text of anybody's error without characters that command a terminal, line breaks apart. */
const escaped = (text: string): string =>
  text.replaceAll(/(?!\n)[\p{Cc}\p{Cf}]/gu, (character) => `\\u{${character.codePointAt(0)!.toString(16)}}`);
