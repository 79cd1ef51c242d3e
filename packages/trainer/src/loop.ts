import * as tf from '@tensorflow/tfjs';
import { disposeBatch, sizeOf } from './batch';
import { breathe } from './breathe';
import { newestCheckpoint } from './checkpoint/find';
import { save, saveDue } from './checkpoint/save';
import { aborted, type Context, isLast, stopping, type Watcher } from './context';
import type { EndEvent, Evaluation } from './events';
import { asSource, batchesFrom, type Placed } from './positions';
import { readings } from './readings';
import { session } from './session';
import { checkOptions, type TrainOptions } from './train-options';
import { update } from './update';
import { test, validate, validationDue } from './validation';

/** Trains from the first step, or the one after the newest checkpoint, to the last. */
export async function loop(options: TrainOptions, watcher: Watcher): Promise<void> {
  checkOptions(options);
  const start = performance.now();
  const state = session(options);
  const context = {
    options,
    session: state,
    readings: readings(state),
    watcher,
    totals: { steps: 0, images: 0, seconds: 0 },
  };
  try {
    announce(context, await resume(context));
    await takeSteps(context);
    const tested = await finish(context);
    if (!watcher.canceled()) watcher.emit(endOf(context, tested, (performance.now() - start) / 1000));
  } finally {
    context.readings.dispose();
    state.dispose();
  }
}

async function resume({ options: { checkpoints }, session, watcher }: Context): Promise<string | null> {
  if (!checkpoints || checkpoints.resume === false) return null;
  const warn = (message: string) => watcher.emit({ type: 'warning', step: 0, message });
  const found = await newestCheckpoint(checkpoints.store, warn);
  if (found) session.restore(found.contents);
  return found?.name ?? null;
}

function announce({ options, session, watcher }: Context, resumedFrom: string | null): void {
  const { step, epoch, evaluationPending } = session.progress;
  watcher.emit({
    type: 'start',
    step,
    steps: options.steps,
    epoch,
    parameters: session.trainable.reduce((sum, { variable }) => sum + variable.size, 0),
    ...(resumedFrom === null ? {} : { resumedFrom }),
    evaluationPending,
  });
}

async function takeSteps(context: Context): Promise<void> {
  const { options, session, readings, watcher } = context;
  const { progress } = session;
  if (progress.evaluationPending) await conclude(context);
  if (stopping(context) || isLast(context)) return;
  readings.restartClock();
  let asked = performance.now();
  for await (const placed of batchesFrom(asSource(options.batches), progress.epoch, progress.batch)) {
    if (watcher.canceled()) return disposeBatch(placed.batch);
    await takeStep(context, placed, (performance.now() - asked) / 1000);
    if (watcher.canceled()) return;
    const concluded = await concludeIfDue(context);
    if (watcher.canceled() || (concluded && (aborted(context) || isLast(context)))) return;
    await breathe();
    asked = performance.now();
  }
}

async function takeStep({ options, session, readings }: Context, placed: Placed, secondsForData: number) {
  const { batch, epoch, index } = placed;
  const { progress, schedule } = session;
  try {
    const rate = schedule.rate(progress.step);
    const measured = await update(options, session, batch, rate);
    Object.assign(progress, { step: progress.step + 1, epoch, batch: index + 1 });
    readings.add({ step: progress.step, epoch, batch: index, images: sizeOf(batch), rate, secondsForData }, measured);
  } finally {
    disposeBatch(batch);
  }
}

/** Reads, measures and saves what is due after a step. False if nothing was. */
async function concludeIfDue(context: Context): Promise<boolean> {
  const { session, readings, watcher, totals } = context;
  const measuring = validationDue(context);
  // Not when aborted: a schedule that listens would hear of the last steps earlier than in a run that goes on.
  const due = measuring || saveDue(context) || session.progress.step % readEveryOf(context) === 0;
  if (!due) return false;
  await readings.flush((event) => {
    totals.steps += 1;
    totals.images += event.images;
    totals.seconds += event.seconds;
    watcher.emit(event);
  });
  if (watcher.canceled()) return true;
  if (measuring) session.progress.evaluationPending = true;
  await conclude(context);
  return true;
}

async function conclude(context: Context): Promise<void> {
  const { session, readings, watcher } = context;
  const measuring = session.progress.evaluationPending;
  const improved = measuring && (await validate(context));
  const saving = !watcher.canceled() && (improved || saveDue(context) || aborted(context));
  if (saving) await save(context);
  // What subscribers do with a step's event counts as part of the next step; measuring and saving do not.
  if (measuring || saving) readings.restartClock();
}

function readEveryOf({ options }: Context): number {
  return options.readEvery ?? (['webgl', 'webgpu'].includes(tf.getBackend()) ? 8 : 1);
}

/** Leaves the averaged weights, if there are any, in the model and tests it. False if the run was stopped before. */
async function finish(context: Context): Promise<Evaluation | null | false> {
  if (!isLast(context) || stopping(context)) return false;
  const { average } = context.session;
  average?.swap();
  const tested = await test(context);
  if (tested === false) average?.swap();
  return tested;
}

function endOf({ session, totals }: Context, tested: Evaluation | null | false, seconds: number): EndEvent {
  const { step, epoch, validation, best } = session.progress;
  return {
    type: 'end',
    step,
    epoch,
    reason: tested === false ? 'aborted' : 'finished',
    trainLoss: session.losses.mean,
    trainError: session.errors.mean,
    ...(validation ? { validation } : {}),
    ...(best ? { best } : {}),
    ...(tested ? { test: tested } : {}),
    secondsPerStep: totals.seconds / totals.steps,
    imagesPerSecond: totals.images / totals.seconds,
    seconds,
  };
}
