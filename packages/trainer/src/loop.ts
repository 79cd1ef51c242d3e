import * as tf from '@tensorflow/tfjs';
import { agreeOnRate, agreeToStop, shareStatistics, shareWeights } from './agreement';
import { disposeBatch, sizeOf } from './batch';
import { breathe } from './breathe';
import { newestCheckpoint } from './checkpoint/find';
import { save, saveDue } from './checkpoint/save';
import { type Context, isLast, stopOf, stopped, type Watcher } from './context';
import type { EndEvent } from './events';
import { asSource, batchesFrom, type Placed } from './positions';
import { readings } from './readings';
import { session } from './session';
import { checkOptions, type TrainOptions } from './train-options';
import { updates } from './update';
import { type Ending, requestValidation, test, validate, validationDue, validationPending } from './validation';

/**
 * Trains from the first step, or the one after the newest checkpoint, to the last.
 *
 * @param early Signals that end the run early, with a checkpoint.
 */
export async function loop(options: TrainOptions, early: readonly AbortSignal[], watcher: Watcher): Promise<void> {
  checkOptions(options);
  const start = performance.now();
  const state = session(options);
  const context: Context = {
    options,
    early,
    session: state,
    readings: readings(state),
    updates: updates(options, state),
    watcher,
    agreed: options.parallel ? { stop: false } : undefined,
    totals: { steps: 0, images: 0, seconds: 0 },
  };
  try {
    const resumedFrom = await resume(context);
    await shareWeights(context);
    announce(context, resumedFrom);
    await takeSteps(context);
    const ending = await finish(context);
    if (stopOf(context) !== 'now') watcher.emit(endOf(context, ending, (performance.now() - start) / 1000));
  } finally {
    context.readings.dispose();
    context.updates.dispose();
    state.dispose();
  }
}

async function resume({ options: { checkpoints }, session, watcher }: Context): Promise<string | null> {
  if (!checkpoints || checkpoints.resume === false) return null;
  const warn = (message: string) => watcher.emit({ type: 'warning', step: 0, message });
  const found = await newestCheckpoint(checkpoints.store, warn, session.check);
  if (found) session.restore(found.contents);
  return found?.name ?? null;
}

function announce(context: Context, resumedFrom: string | null): void {
  const { options, session, watcher } = context;
  const { step, epoch } = session.progress;
  watcher.emit({
    type: 'start',
    step,
    steps: options.steps,
    epoch,
    parameters: session.trainable.reduce((sum, { variable }) => sum + variable.size, 0),
    ...(resumedFrom === null ? {} : { resumedFrom }),
    evaluationPending: validationPending(context),
  });
}

async function takeSteps(context: Context): Promise<void> {
  const { options, session, readings } = context;
  const { progress } = session;
  if (validationPending(context)) await conclude(context);
  if ((await agreeToStop(context)) || isLast(context)) return;
  readings.restartClock();
  let asked = performance.now();
  for await (const placed of batchesFrom(asSource(options.batches, options.model), progress.epoch, progress.batch)) {
    if (stopOf(context) === 'now') return disposeBatch(placed.batch);
    await takeStep(context, placed, (performance.now() - asked) / 1000);
    if (stopOf(context) === 'now') return;
    const concluded = await concludeIfDue(context);
    if (stopOf(context) === 'now' || (concluded && (stopped(context) || isLast(context)))) return;
    await breathe();
    asked = performance.now();
  }
}

async function takeStep(context: Context, placed: Placed, secondsForData: number) {
  const { session, readings, updates } = context;
  const { batch, epoch, index } = placed;
  const { progress } = session;
  try {
    const rate = await agreeOnRate(context);
    const measured = await updates.update(batch, rate);
    Object.assign(progress, { step: progress.step + 1, epoch, batch: index + 1 });
    readings.add(
      {
        step: progress.step,
        epoch,
        batch: index,
        images: batch.part?.of ?? sizeOf(batch) * (context.options.parallel?.size ?? 1),
        rate,
        secondsForData,
      },
      measured,
    );
  } finally {
    disposeBatch(batch);
  }
}

/** Reads, measures and saves what is due after a step. False if nothing was. */
async function concludeIfDue(context: Context): Promise<boolean> {
  const { session, readings, watcher, totals } = context;
  const measuring = validationDue(context);
  const looking = layersDue(context);
  // Not when asked to stop: a schedule that listens would hear of the last steps earlier than in a run that goes on.
  const due = measuring || looking || saveDue(context) || session.progress.step % readEveryOf(context) === 0;
  if (!due) return false;
  await readings.flush((event) => {
    totals.steps += 1;
    totals.images += event.images;
    totals.seconds += event.seconds;
    watcher.emit(event);
  });
  if (stopOf(context) === 'now') return true;
  if (looking) await measureLayers(context);
  if (measuring) requestValidation(context);
  await conclude(context);
  return true;
}

const layersDue = ({ options: { layers }, session }: Context): boolean =>
  layers !== undefined && session.progress.step % layers.every === 0;

async function measureLayers({ options, session, readings, watcher }: Context): Promise<void> {
  const start = performance.now();
  const layers = await options.layers!.measure();
  watcher.emit({ type: 'layers', step: session.progress.step, layers, seconds: (performance.now() - start) / 1000 });
  readings.restartClock();
}

async function conclude(context: Context): Promise<void> {
  if (validationPending(context) || saveDue(context) || stopped(context)) await shareStatistics(context);
  const validation = await validate(context);
  const improved = validation.kind === 'done' && validation.best;
  if (validation.kind !== 'none') await agreeToStop(context);
  const stop = stopOf(context);
  const saving = stop !== 'now' && (improved || saveDue(context) || stop === 'save');
  if (saving) await save(context);
  // What subscribers do with a step's event counts as part of the next step; measuring and saving do not.
  if (validation.kind !== 'none' || saving) context.readings.restartClock();
}

function readEveryOf({ options }: Context): number {
  return options.readEvery ?? (['webgl', 'webgpu'].includes(tf.getBackend()) ? 8 : 1);
}

/** Leaves the averaged weights, if there are any, in the model and tests it, unless the run was stopped before. */
async function finish(context: Context): Promise<Ending> {
  if (!isLast(context) || stopped(context)) return { kind: 'interrupted' };
  const { average } = context.session;
  average?.swap();
  const ending = await test(context);
  if (ending.kind === 'interrupted') average?.swap();
  return ending;
}

function endOf({ options, session, totals }: Context, ending: Ending, seconds: number): EndEvent {
  const { step, epoch, validation, best } = session.progress;
  return {
    type: 'end',
    step,
    epoch,
    reason: ending.kind === 'finished' ? 'finished' : options.signal?.aborted ? 'aborted' : 'stopped-early',
    trainLoss: session.losses.mean,
    trainError: session.errors.mean,
    ...(validation ? { validation } : {}),
    ...(best ? { best } : {}),
    ...(ending.kind === 'finished' && ending.test ? { test: ending.test } : {}),
    secondsPerStep: totals.seconds / totals.steps,
    imagesPerSecond: totals.images / totals.seconds,
    seconds,
  };
}
