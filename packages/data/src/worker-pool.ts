import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { Piscina } from 'piscina';
import { WorkerError } from './errors';

/** Threads that run one function of `worker.ts`, none of which keeps the process alive while idle. */
export interface WorkerPool<Task, Result> {
  /** @throws WorkerError where a thread dies; every task under way then fails. */
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
  const death = deathOf(pool, name, threads);
  return {
    run: (task, transfer = []) => death.orElse(() => pool.run(task, { transferList: [...transfer] })),
    close: async () => {
      death.expect();
      const exits = pool.threads.map((worker) => once(worker, 'exit'));
      // A thread that dies now would leave Piscina waiting for its task.
      await Promise.race([pool.close({ force: true }), ...exits]).catch(() => undefined);
      await pool.destroy();
      await Promise.all(exits);
    },
  };
}

/** Watches for a thread that ends before the pool is closed: Piscina leaves the tasks that wait for one without an answer. */
function deathOf(pool: Piscina, name: string, threads: number) {
  const waiting = new Set<(error: WorkerError) => void>();
  let expected = false;
  let error: WorkerError | undefined;
  const die = (reason: unknown): void => {
    if (expected) return;
    error ??= new WorkerError(name, threads, reason);
    for (const reject of waiting) reject(error);
  };
  pool.on('error', die);
  // Piscina tells the reason to the task in hand, right after this event.
  pool.on('workerDestroy', () => setImmediate(die, 'it ended'));
  return {
    expect: () => {
      expected = true;
    },
    orElse: <Result>(run: () => Promise<Result>) =>
      new Promise<Result>((resolve, reject) => {
        if (error) return reject(error);
        waiting.add(reject);
        const settled = () => waiting.delete(reject);
        run()
          .finally(settled)
          .then(resolve, (reason) => {
            if (isDeath(reason)) die(reason);
            reject(error ?? reason);
          });
      }),
  };
}

/** Whether a task failed because of its thread, not by itself. */
const isDeath = (error: unknown): boolean =>
  error instanceof Error &&
  (/^worker exited with code/.test(error.message) || ('code' in error && error.code === 'ERR_WORKER_OUT_OF_MEMORY'));
