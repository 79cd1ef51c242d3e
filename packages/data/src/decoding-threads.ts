import { availableParallelism } from 'node:os';

/** libuv's default. */
const DEFAULT_POOL = 4;

/** Threads that decode images, for all workers of the process together: libuv's pool. */
export const decodingThreads = (): number => Number(process.env.UV_THREADPOOL_SIZE) || DEFAULT_POOL;

let warned = false;

/** Warns, once, where fewer threads decode than the machine has. */
export function warnOfFewDecodingThreads(workers: number): void {
  const threads = decodingThreads();
  if (warned || threads >= Math.min(workers, availableParallelism())) return;
  warned = true;
  process.emitWarning(
    `batches: ${workers} workers decode with the ${threads} threads of libuv's pool. Set UV_THREADPOOL_SIZE=${availableParallelism()} before Node starts.`,
  );
}
