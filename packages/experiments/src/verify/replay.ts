import { freeze, headLayer, loadWeights, modelWeights } from '@resnet/models';
import { type SafeTensor, toFloat32 } from '@resnet/safetensors';
import { constant, cosine, type Schedule, warmup } from '@resnet/schedulers';
import { adamw, type Batch, type Optimizer, sgd, train } from '@resnet/trainer';
import * as tf from '@tensorflow/tfjs';
import { filter, lastValueFrom, map, toArray } from 'rxjs';
import { trajectoryModel } from './model';
import type { Trajectory } from './trajectory';

/** Results of a replayed run. */
export interface Replay {
  /** Loss of each step before its update, in nats. */
  losses: number[];
  /** Weights and statistics after the last step, by torchvision's names and in PyTorch's layout. */
  final: ReadonlyMap<string, SafeTensor>;
  /** `[batch, classes]`: the first batch in evaluation mode. */
  logits: Float32Array;
}

/** Trains the recorded network on the recorded batches, on the current backend, by the public API only. */
export async function replay(trajectory: Trajectory): Promise<Replay> {
  const model = trajectoryModel(trajectory);
  try {
    start(model, trajectory);
    const losses = await trainingLosses(model, trajectory);
    return { losses, final: await modelWeights(model), logits: await evaluationLogits(model, trajectory) };
  } finally {
    model.dispose();
  }
}

/** Loads what the run began with. A run of fine-tuning gets the last layer that it was given, and is frozen as it was. */
function start(model: tf.LayersModel, { init, finetune }: Trajectory): void {
  loadWeights(model, init, { head: finetune ? 'replace' : 'keep' });
  if (!finetune) return;
  const [weight, bias] = ['weight', 'bias'].map((name) => finetune.head.get(name)!);
  tf.tidy(() => {
    const kernel = tf.transpose(tf.tensor(toFloat32(weight!), [...weight!.shape]));
    headLayer(model).setWeights([kernel, tf.tensor(toFloat32(bias!))]);
  });
  freeze(model, finetune.freeze);
}

function trainingLosses(model: tf.LayersModel, trajectory: Trajectory): Promise<number[]> {
  const { losses } = trajectory;
  const events = train({
    model,
    batches: () => batches(trajectory),
    schedule: scheduleOf(trajectory),
    optimizer: optimizerOf(trajectory),
    steps: losses.length,
    readEvery: 1,
  });
  const stepLosses = events.pipe(
    filter((event) => event.type === 'step'),
    map(({ loss }) => loss),
    toArray(),
  );
  return lastValueFrom(stepLosses);
}

function optimizerOf({ momentum, nesterov, weightDecay, decaySkips1d, finetune }: Trajectory): Optimizer {
  const decay = decaySkips1d ? 'without-norm-and-bias' : 'all';
  if (!finetune) return sgd({ momentum, nesterov, weightDecay, decay });
  const { beta1, beta2, epsilon } = finetune;
  return adamw({ beta1, beta2, epsilon, weightDecay, decay });
}

function scheduleOf({ rate, losses, finetune }: Trajectory): Schedule {
  if (!finetune) return constant(rate);
  const { warmupSteps } = finetune;
  return warmup({ steps: warmupSteps, next: cosine({ base: rate, steps: losses.length - warmupSteps }) });
}

async function* batches(trajectory: Trajectory): AsyncGenerator<Batch> {
  for (let step = 0; step < trajectory.losses.length; step++) yield batch(trajectory, step);
}

function batch({ images, labels }: Trajectory, step: number): Batch {
  const size = images.shape[1]!;
  return { images: channelsLast(images, step), labels: labels.subarray(step * size, (step + 1) * size) };
}

/** The images of a step, `[batch, height, width, channels]`, as a new tensor. */
function channelsLast(images: SafeTensor, step: number): tf.Tensor {
  const [, n = 0, c = 0, h = 0, w = 0] = images.shape;
  const size = n * c * h * w;
  const data = toFloat32(images).subarray(step * size, (step + 1) * size);
  return tf.tidy(() => tf.transpose(tf.tensor4d(data, [n, c, h, w]), [0, 2, 3, 1]));
}

async function evaluationLogits(model: tf.LayersModel, { images }: Trajectory): Promise<Float32Array> {
  const logits = tf.tidy(() => model.apply(channelsLast(images, 0), { training: false }) as tf.Tensor);
  const values = Float32Array.from(await logits.data());
  logits.dispose();
  return values;
}
