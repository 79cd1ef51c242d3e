import { discard, isThere, writeDurably } from '@resnet/files';
import { runPaths } from './run-paths';

/**
 * Asks the run in a folder to stop after its step, with a checkpoint, whichever process trains it: a file that the run looks for. No
 * process is signaled, since a run folder may name any.
 *
 * @throws FileError of `@resnet/files` where the folder cannot be written.
 */
export const requestStop = (directory: string): Promise<void> => writeDurably(runPaths(directory).stopRequest, '');

/**
 * Looks for {@link requestStop} in a run folder, every `interval` milliseconds, and calls `stop` once. A request from before is dropped:
 * it was for another session.
 *
 * @returns Looks no more.
 */
export async function onStopRequest(directory: string, stop: () => void, interval = 500): Promise<() => void> {
  const { stopRequest } = runPaths(directory);
  const look = (): void => {
    if (!isThere(stopRequest)) return;
    clearInterval(timer);
    void discard(stopRequest);
    stop();
  };
  await discard(stopRequest);
  const timer = setInterval(look, interval);
  timer.unref();
  return () => clearInterval(timer);
}
