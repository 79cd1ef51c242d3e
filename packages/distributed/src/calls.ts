import koffi from 'koffi';
import type { Handle } from './abi';
import { DistributedError } from './errors';
import type { Library } from './library';

/** Numbers in memory that MPI reads and writes in place. They must not move or go before the request is done. */
export type Values = Float32Array | Float64Array | Uint8Array;

/** A message that has arrived. */
export interface Message {
  readonly from: number;
  readonly tag: number;
  readonly bytes: Uint8Array;
}

/** Something that MPI does meanwhile. */
export interface Request {
  /** Moves it on; whether it is done. */
  done(): boolean;
}

/** The functions of MPI that are used here, by a communicator of their own. */
export interface Calls {
  readonly rank: number;
  readonly size: number;
  /** Sums values over all processes in place. All must ask for the same sums in the same order. */
  allReduce(values: Float32Array | Float64Array): Request;
  /** Copies values of one process to all, in place. */
  broadcast(values: Values, root: number): Request;
  /** Collects as many bytes from each, by rank. */
  allGather(own: Uint8Array, all: Uint8Array): Request;
  barrier(): Request;
  /** Sends a message beside all sums. */
  send(to: number, tag: number, bytes: Uint8Array): Request;
  /** A message that has arrived, if there is one. */
  receive(): Message | null;
  /** Ends all processes of the job, this one too. */
  abort(code: number): void;
  /** Leaves MPI. All must do it. */
  finalize(): void;
}

/** `MPI_THREAD_FUNNELED`: one thread calls. */
const FUNNELED = 1;

/** Starts MPI. Once a process. */
export function startCalls({ handle: library, abi }: Library): Calls {
  const H = abi.handle;
  const bind = (name: string, ...types: string[]) => {
    const native = library.func(name, 'int', types);
    return (...args: unknown[]): void => check(name, native(...args) as number);
  };
  const describe = library.func('MPI_Error_string', 'int', ['int', 'void *', 'void *']);
  const check = (name: string, code: number): void => {
    if (code === 0) return;
    const text = Buffer.alloc(8192);
    const length = new Int32Array(1);
    describe(code, text, length);
    throw new DistributedError(
      `mpi: ${name} must succeed, got ${text.toString('latin1', 0, length[0])}. Start the job again: it goes on from its last checkpoint.`,
    );
  };

  const word = new Int32Array(1);
  bind('MPI_Init_thread', 'void *', 'void *', 'int', 'void *')(null, null, FUNNELED, word);
  const duplicate = bind('MPI_Comm_dup', H, koffi.out(koffi.pointer(H)) as unknown as string);
  const setErrorHandler = bind('MPI_Comm_set_errhandler', H, H);
  /** Apart from other users of MPI in this process. */
  const communicator = (): Handle => {
    const made: Handle[] = [null];
    duplicate(abi.world, made);
    setErrorHandler(made[0], abi.errorsReturn);
    return made[0];
  };
  // Open MPI tells the world of a request's failure, whatever its communicator.
  setErrorHandler(abi.world, abi.errorsReturn);
  const [sums, notes] = [communicator(), communicator()];

  const rankOf = bind('MPI_Comm_rank', H, 'void *');
  const sizeOf = bind('MPI_Comm_size', H, 'void *');
  const iallreduce = bind('MPI_Iallreduce', 'intptr_t', 'void *', 'int', H, H, H, 'void *');
  const ibcast = bind('MPI_Ibcast', 'void *', 'int', H, 'int', H, 'void *');
  const iallgather = bind('MPI_Iallgather', 'void *', 'int', H, 'void *', 'int', H, H, 'void *');
  const ibarrier = bind('MPI_Ibarrier', H, 'void *');
  const isend = bind('MPI_Isend', 'void *', 'int', H, 'int', 'int', H, 'void *');
  const iprobe = bind('MPI_Iprobe', 'int', 'int', H, 'void *', 'void *');
  const getCount = bind('MPI_Get_count', 'void *', H, 'void *');
  const recv = bind('MPI_Recv', 'void *', 'int', H, 'int', 'int', H, 'void *');
  const test = bind('MPI_Test', 'void *', 'void *', 'void *');
  const abort = bind('MPI_Abort', H, 'int');
  const finalize = bind('MPI_Finalize');

  const flag = new Int32Array(1);
  const status = new Int32Array(16);
  const read = (f: (...args: unknown[]) => void, ...args: unknown[]): number => {
    f(...args, word);
    return word[0]!;
  };
  /** @param used What must stay where it is until the request is done. */
  const request = (begin: (request: Buffer) => void, ...used: unknown[]): Request => {
    const handle = Buffer.alloc(8);
    begin(handle);
    let held: unknown[] | null = used;
    return {
      done: () => {
        if (held === null) return true;
        test(handle, flag, status);
        if (flag[0] === 0) return false;
        held = null;
        return true;
      },
    };
  };
  const typeOf = (values: Values): Handle =>
    values instanceof Float32Array ? abi.float : values instanceof Float64Array ? abi.double : abi.byte;

  return {
    rank: read(rankOf, abi.world),
    size: read(sizeOf, abi.world),
    allReduce: (values) =>
      request((r) => iallreduce(abi.inPlace, values, values.length, typeOf(values), abi.sum, sums, r), values),
    broadcast: (values, root) => request((r) => ibcast(values, values.length, typeOf(values), root, sums, r), values),
    allGather: (own, all) =>
      request((r) => iallgather(own, own.length, abi.byte, all, own.length, abi.byte, sums, r), own, all),
    barrier: () => request((r) => ibarrier(sums, r)),
    send: (to, tag, bytes) => request((r) => isend(bytes, bytes.length, abi.byte, to, tag, notes, r), bytes),
    receive: () => {
      iprobe(abi.anySource, ANY_TAG, notes, flag, status);
      if (flag[0] === 0) return null;
      const [from, tag] = [status[abi.status.source]!, status[abi.status.tag]!];
      const bytes = new Uint8Array(read(getCount, status, abi.byte));
      recv(bytes, bytes.length, abi.byte, from, tag, notes, status);
      return { from, tag, bytes };
    },
    abort: (code) => abort(abi.world, code),
    finalize: () => finalize(),
  };
}

/** `MPI_ANY_TAG` of both families. */
const ANY_TAG = -1;
