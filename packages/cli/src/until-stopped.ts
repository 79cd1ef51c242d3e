import { stopOnSignal } from '@resnet/trainer/node';

/**
 * Runs work that a first SIGHUP, SIGINT or SIGTERM stops: it throws then, and the process ends with the signal's exit code.
 *
 * @throws What `work` throws where no signal came.
 */
export async function untilStopped(work: (signal: AbortSignal) => Promise<void>): Promise<void> {
  const stop = stopOnSignal();
  try {
    await work(stop.signal);
  } catch (error) {
    if (stop.exitCode === null) throw error;
    process.exitCode = stop.exitCode;
  } finally {
    stop.release();
  }
}
