import * as tf from '@tensorflow/tfjs';
import { type Context, stopped } from './context';
import type { Parallel } from './parallel';
import { rateAt } from './schedule';
import { assignAll } from './weights';

// What the processes of a run have to know of each other so that all do the same. Without other processes, nothing is asked.

/**
 * Agrees whether the run stops before its last iteration: it does where any process wants to. All ask at the same points.
 *
 * @returns Whether it does.
 */
export async function agreeToStop(context: Context): Promise<boolean> {
  const { parallel } = context.options;
  if (parallel) await agree(context, parallel, 0);
  return stopped(context);
}

/** The rate of the next step: process 0's. Agrees whether the run stops after it, too. */
export async function agreeOnRate(context: Context): Promise<number> {
  const { options, session } = context;
  const rate = rateAt(session.schedule, session.progress.step);
  return options.parallel ? agree(context, options.parallel, rate) : rate;
}

async function agree(context: Context, parallel: Parallel, own: number): Promise<number> {
  const [rate = 0, stops = 0] = await parallel.sum([
    parallel.rank === 0 ? own : 0,
    stopped({ ...context, agreed: undefined }) ? 1 : 0,
  ]);
  if (context.agreed) context.agreed.stop = stops > 0;
  return rate;
}

/** Gives all processes the weights of process 0. */
export async function shareWeights({ options: { parallel }, session }: Context): Promise<void> {
  if (!parallel) return;
  const variables = session.weights.map(({ variable }) => variable);
  for (const variable of variables) {
    const values = Float32Array.from(await variable.data());
    await parallel.broadcast(values);
    tf.tidy(() => variable.assign(tf.tensor(values, variable.shape, variable.dtype)));
  }
}

/** Gives all processes the mean of the running statistics, which each has taken over its own parts, and of their averages. */
export async function shareStatistics({ options: { parallel }, session }: Context): Promise<void> {
  if (!parallel) return;
  const { weights, average } = session;
  const trainable = new Set(session.trainable.map(({ name }) => name));
  const places = [...weights.keys()].filter((i) => !trainable.has(weights[i]!.name));
  const variables = places.map((i) => weights[i]!.variable);
  const means = await meansOf(parallel, variables);
  assignAll(variables, means);
  tf.dispose(means);
  if (!average) return;
  const averages = [...average.tensors()];
  const averageMeans = await meansOf(
    parallel,
    places.map((i) => averages[i]!),
  );
  for (const [k, i] of places.entries()) averages[i] = averageMeans[k]!;
  average.restore(averages);
  tf.dispose(averageMeans);
}

async function meansOf(parallel: Parallel, tensors: readonly tf.Tensor[]): Promise<tf.Tensor[]> {
  const values = await Promise.all(tensors.map((tensor) => tensor.data()));
  const sums = await parallel.sum(values.flatMap((data) => [...data]));
  let start = 0;
  return tensors.map(({ size, shape, dtype }) => {
    const mean = Float32Array.from(sums.slice(start, start + size), (sum) => sum / parallel.size);
    start += size;
    return tf.tensor(mean, shape, dtype);
  });
}
