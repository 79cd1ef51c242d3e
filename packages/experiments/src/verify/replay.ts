import { loadWeights, modelWeights } from '@resnet/models';
import { type SafeTensor, toFloat32 } from '@resnet/safetensors';
import { type Batch, sgd, train } from '@resnet/trainer';
import * as tf from '@tensorflow/tfjs';
import { filter, lastValueFrom, map, toArray } from 'rxjs';
import { trajectoryModel } from './model';
import type { Trajectory } from './trajectory';

/** What the replayed run gave. */
export interface Replay {
  losses: number[];
  /** Weights and statistics after the last step, by torchvision's names and in PyTorch's layout. */
  final: ReadonlyMap<string, SafeTensor>;
  /** `[batch, classes]`: the first batch in evaluation mode. */
  logits: Float32Array;
}

/** Trains the recorded network on the recorded batches, on the current backend, with nothing but what users get. */
export async function replay(trajectory: Trajectory): Promise<Replay> {
  const model = trajectoryModel(trajectory);
  try {
    loadWeights(model, trajectory.init);
    const losses = await trainingLosses(model, trajectory);
    return { losses, final: await modelWeights(model), logits: await evaluationLogits(model, trajectory) };
  } finally {
    model.dispose();
  }
}

function trainingLosses(model: tf.LayersModel, trajectory: Trajectory): Promise<number[]> {
  const { rate, momentum, nesterov, weightDecay, decaySkips1d, losses } = trajectory;
  const decay = decaySkips1d ? 'without-norm-and-bias' : 'all';
  const events = train({
    model,
    batches: () => batches(trajectory),
    schedule: () => rate,
    optimizer: sgd({ momentum, nesterov, weightDecay, decay }),
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
