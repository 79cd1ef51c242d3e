import { sgd, train } from '@resnet/trainer';
import * as tf from '@tensorflow/tfjs';

/** What is measured, and how often. */
export interface Workload {
  readonly model: tf.LayersModel;
  readonly batch: number;
  readonly warmup: number;
  readonly steps: number;
  /** Called between the warm-up and the measured steps. */
  readonly onWarm: () => void;
}

/** Random images, the same in every run. */
function images({ model, batch }: Workload): { data: Float32Array; shape: [number, number, number, number] } {
  const [, height, width, channels] = model.inputs[0]!.shape as number[];
  const shape: [number, number, number, number] = [batch, height!, width!, channels!];
  const values = tf.randomNormal(shape, 0, 1, 'float32', 1);
  const data = values.dataSync<'float32'>();
  values.dispose();
  return { data, shape };
}

/**
 * Seconds of each measured training step: the trainer's own loop with its momentum optimizer, so copying the images to
 * the backend, forward, loss, gradients, update and reading the loss.
 */
export function trainingSeconds(workload: Workload): Promise<number[]> {
  const { model, batch, warmup, steps, onWarm } = workload;
  const [, classes = 1] = model.outputs[0]!.shape as number[];
  const always = { images: images(workload), labels: Int32Array.from({ length: batch }, (_, i) => i % classes) };
  async function* batches() {
    for (;;) yield always;
  }
  const seconds: number[] = [];
  return new Promise((resolve, reject) => {
    train({ model, batches, optimizer: sgd(), schedule: () => 0.01, steps: warmup + steps, readEvery: 1 }).subscribe({
      next: (event) => {
        if (event.type === 'step' && event.step > warmup) seconds.push(event.seconds - event.secondsForData);
        if ((event.type === 'step' || event.type === 'start') && event.step === warmup) onWarm();
      },
      error: reject,
      complete: () => resolve(seconds),
    });
  });
}

/** Seconds of each measured batch of logits in inference mode, read back from the backend. */
export async function inferenceSeconds(workload: Workload): Promise<number[]> {
  const { model, warmup, steps, onWarm } = workload;
  const { data, shape } = images(workload);
  const infer = async () => {
    const start = performance.now();
    const logits = tf.tidy(() => model.apply(tf.tensor4d(data, shape), { training: false }) as tf.Tensor);
    await logits.data();
    logits.dispose();
    return (performance.now() - start) / 1000;
  };
  for (let step = 0; step < warmup; step += 1) await infer();
  onWarm();
  const seconds: number[] = [];
  for (let step = 0; step < steps; step += 1) seconds.push(await infer());
  return seconds;
}
