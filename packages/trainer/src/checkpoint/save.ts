import { type Context, isLast, stopOf } from '../context';
import { CheckpointError } from '../errors';
import { encodeCheckpoint } from './contents';
import type { CheckpointStore } from './store';
import { notFinite } from './tensors';

/** Whether a checkpoint follows the present step whatever happens. */
export function saveDue(context: Context): boolean {
  const every = context.options.checkpoints?.every;
  const { step } = context.session.progress;
  return isLast(context) || (every !== undefined && step % every === 0);
}

/**
 * Writes a checkpoint. Failing to write one of many is a warning; failing to write the last is an error.
 * Weights that are not finite are never written, so that the last checkpoint is one to go back to.
 */
export async function save(context: Context): Promise<void> {
  const { options, watcher, session } = context;
  const store = options.checkpoints?.store;
  if (!store) return;
  try {
    await write(context, store);
  } catch (error) {
    const reason = (error instanceof Error ? error.message : String(error)).replace(/\.$/, '');
    const { step } = session.progress;
    if (isLast(context) || stopOf(context) === 'save') throw notSaved(step, reason, error);
    watcher.emit({ type: 'warning', step, message: `checkpoint not written: ${reason}. Training goes on.` });
  }
}

const notSaved = (step: number, reason: string, cause: unknown): CheckpointError =>
  new CheckpointError(
    `train: the checkpoint of step ${step} must be written, got ${reason}. Then resume the run: it goes on from the one before.`,
    { cause },
  );

async function write({ session, watcher }: Context, store: CheckpointStore): Promise<void> {
  const start = performance.now();
  const { step, best } = session.progress;
  const contents = await session.capture();
  const broken = notFinite(contents.tensors);
  if (broken !== null) {
    const message = `checkpoint not written: ${broken} is not finite.`;
    return watcher.emit({ type: 'warning', step, message, notFinite: broken });
  }
  const bytes = await encodeCheckpoint(contents);
  const warn = (message: string) => watcher.emit({ type: 'warning', step, message });
  const name = await store.write({ step, bytes, bestStep: best?.step ?? null }, warn);
  const seconds = (performance.now() - start) / 1000;
  watcher.emit({ type: 'checkpoint', step, name, bytes: bytes.length, best: best?.step === step, seconds });
}
