import type { BestValidation } from './checkpoint/contents';
import { type Context, isLast, stopping } from './context';
import { measure } from './evaluate';
import type { Evaluation } from './events';
import { reestimate } from './statistics';

/** Whether something is measured after the present step. */
export function validationDue(context: Context): boolean {
  const { validation, statistics } = context.options;
  const { step } = context.session.progress;
  if (isLast(context)) return validation !== undefined || statistics !== undefined;
  return validation !== undefined && step % validation.every === 0;
}

/**
 * Measures what is due; it stays pending if the run is stopped meanwhile.
 *
 * @returns Whether the model is the best so far.
 */
export async function validate(context: Context): Promise<boolean> {
  const { session, options, watcher } = context;
  const { progress, schedule, average } = session;
  average?.swap();
  let result: Evaluation | null;
  try {
    if (!(await statisticsEstimated(context))) return false;
    result = options.validation
      ? await measure(options.model, options.validation.batches(), () => stopping(context))
      : null;
  } finally {
    average?.swap();
  }
  if (stopping(context) && result === null) return false;
  progress.evaluationPending = false;
  if (result === null) return false;
  const best = isBetter(result, progress.best);
  progress.validation = result;
  if (best) progress.best = { step: progress.step, error: result.error, loss: result.loss };
  schedule.observe?.({ validationLoss: result.loss, validationError: result.error });
  watcher.emit({
    type: 'evaluation',
    split: 'validation',
    step: progress.step,
    epoch: progress.epoch,
    best,
    ...result,
  });
  return best;
}

/** False if it was cut off. */
async function statisticsEstimated(context: Context): Promise<boolean> {
  const { model, statistics } = context.options;
  if (!statistics || !isLast(context)) return true;
  return (await reestimate(model, statistics(), () => stopping(context))) !== null;
}

function isBetter({ error, loss }: Evaluation, best: BestValidation | null): boolean {
  if (!Number.isFinite(error) || !Number.isFinite(loss)) return false;
  return best === null || error < best.error || (error === best.error && loss < best.loss);
}

/** Measures the last iterate on the test data, if there are any. False if it was cut off. */
export async function test(context: Context): Promise<Evaluation | null | false> {
  const { options, session, watcher } = context;
  if (!options.test) return null;
  const result = await measure(options.model, options.test(), () => stopping(context));
  if (result === null) return false;
  const { step, epoch } = session.progress;
  watcher.emit({ type: 'evaluation', split: 'test', step, epoch, best: false, ...result });
  return result;
}
