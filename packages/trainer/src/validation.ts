import { agreeToStop } from './agreement';
import type { BestValidation } from './checkpoint/contents';
import { type Context, isLast } from './context';
import { type Asked, measure } from './evaluate';
import type { Evaluation } from './events';
import { reestimate } from './statistics';

/**
 * What became of the evaluation of a step: none was due, it was cut off and stays pending, it is done without measuring
 * anything (statistics alone), or the model was measured.
 */
export type Validation =
  | { readonly kind: 'none' }
  | { readonly kind: 'interrupted' }
  | { readonly kind: 'done'; readonly best: boolean };

/** Whether something is measured after the present step. */
export function validationDue(context: Context): boolean {
  const { validation, statistics } = context.options;
  const { step } = context.session.progress;
  if (isLast(context)) return validation !== undefined || statistics !== undefined;
  return validation !== undefined && step % validation.every === 0;
}

/** Makes the evaluation of the present step pending until it is done, in this session or in one that resumes the run. */
export const requestValidation = ({ session }: Context): void => {
  session.progress.evaluationPending = true;
};

/** Whether an evaluation was requested and is not done. */
export const validationPending = ({ session }: Context): boolean => session.progress.evaluationPending;

/** Does the evaluation that is pending. */
export async function validate(context: Context): Promise<Validation> {
  if (!validationPending(context)) return { kind: 'none' };
  const { session, options } = context;
  session.average?.swap();
  let result: Measured;
  try {
    if ((await estimateStatistics(context)).kind === 'interrupted') return { kind: 'interrupted' };
    result = options.validation
      ? await measure(options.model, options.validation.batches(), askedBy(context))
      : { kind: 'nothing' };
  } finally {
    session.average?.swap();
  }
  if (result.kind === 'interrupted') return result;
  session.progress.evaluationPending = false;
  return { kind: 'done', best: result.kind === 'measured' && report(context, result.evaluation) };
}

/** What a measurement asks between two batches, and whom it is shared with. */
const askedBy = (context: Context): Asked => ({
  stopped: () => agreeToStop(context),
  parallel: context.options.parallel ?? null,
});

type Measured = Awaited<ReturnType<typeof measure>> | { readonly kind: 'nothing' };

/** Notes a validation, tells the schedule and the subscriber. Returns whether it is the best so far. */
function report({ options, session, watcher }: Context, evaluation: Evaluation): boolean {
  const { progress, schedule } = session;
  const { step, epoch } = progress;
  const { error, loss } = evaluation;
  const best = isBetter(evaluation, progress.best, options.validation?.best);
  progress.validation = evaluation;
  if (best) progress.best = { step, error, loss };
  schedule.observe?.({ validationLoss: loss, validationError: error });
  watcher.emit({ type: 'evaluation', split: 'validation', step, epoch, best, ...evaluation });
  return best;
}

async function estimateStatistics(context: Context): Promise<{ readonly kind: 'done' | 'interrupted' }> {
  const { model, statistics } = context.options;
  if (!statistics || !isLast(context)) return { kind: 'done' };
  const { kind } = await reestimate(model, statistics(), askedBy(context));
  return { kind: kind === 'interrupted' ? kind : 'done' };
}

function isBetter({ error, loss }: Evaluation, best: BestValidation | null, by: 'error' | 'loss' = 'error'): boolean {
  if (!Number.isFinite(error) || !Number.isFinite(loss)) return false;
  if (best === null) return true;
  return by === 'loss' ? loss < best.loss : error < best.error || (error === best.error && loss < best.loss);
}

/** How a session ended: before its last iteration or in the midst of the test, or after all of it. */
export type Ending =
  | { readonly kind: 'interrupted' }
  | {
      readonly kind: 'finished';
      /** The last iterate on the test data; null without such data. */
      readonly test: Evaluation | null;
    };

/** Measures the last iterate on the test data, if there are any. */
export async function test(context: Context): Promise<Ending> {
  const { options, session, watcher } = context;
  if (!options.test) return { kind: 'finished', test: null };
  const result = await measure(options.model, options.test(), { ...askedBy(context), onScores: options.onTestScores });
  if (result.kind === 'interrupted') return result;
  const { step, epoch } = session.progress;
  watcher.emit({ type: 'evaluation', split: 'test', step, epoch, best: false, ...result.evaluation });
  return { kind: 'finished', test: result.evaluation };
}
