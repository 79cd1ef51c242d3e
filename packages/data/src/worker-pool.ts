import { fileURLToPath } from 'node:url';
import { Piscina } from 'piscina';

/** Threads that run one function of `worker.ts`, none of which keeps the process alive while idle. */
export interface WorkerPool<Task, Result> {
  run(task: Task, transfer?: readonly ArrayBuffer[]): Promise<Result>;
  /** Drops what waits, lets what runs end, and resolves when every thread is gone. */
  close(): Promise<void>;
}

/**
 * Starts threads as tasks arrive.
 *
 * @param name An export of `worker.ts`.
 * @param data Goes to each thread once; shared memory inside it is not copied.
 */
export function workerPool<Task, Result>(name: string, threads: number, data: unknown): WorkerPool<Task, Result> {
  const pool = new Piscina<Task, Result>({
    filename: fileURLToPath(new URL('./worker.js', import.meta.url)),
    name,
    minThreads: 0,
    maxThreads: threads,
    idleTimeout: Number.POSITIVE_INFINITY,
    workerData: data,
  });
  return {
    run: (task, transfer = []) => pool.run(task, { transferList: [...transfer] }),
    close: async () => {
      await pool.close({ force: true });
      await pool.destroy();
    },
  };
}
