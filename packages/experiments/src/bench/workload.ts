import { EventEmitter, on } from 'node:events';
import { failOnDivergence, sgd, type TrainOptions, train } from '@resnet/trainer';
import * as tf from '@tensorflow/tfjs';
import { filter, firstValueFrom, map, Subject, tap } from 'rxjs';

/** What is measured. */
export interface Workload {
  /** The model, which the caller owns. */
  readonly model: tf.LayersModel;
  /** Images per step. */
  readonly batch: number;
  /** Called once the steps are recorded, or with the reason why they are not. */
  readonly onRecording?: TrainOptions['onRecording'];
  /** Hears the loss of each training step. */
  readonly onLoss?: (loss: number) => void;
}

/** Seconds of successive steps. A step runs when its value is requested; `return()` ends the work. */
export type Steps = AsyncGenerator<number, void, void>;

/** Asks for `count` steps. */
export async function take(steps: Steps, count: number): Promise<number[]> {
  const seconds: number[] = [];
  while (seconds.length < count) seconds.push((await steps.next()).value!);
  return seconds;
}

/**
 * Training steps in the trainer's own loop with its momentum optimizer: copying the images to the backend, forward,
 * loss, gradients, update and reading the loss.
 *
 * @throws DivergenceError for a loss that is not finite: a backend may be fast and wrong.
 */
export async function* trainingSteps({ model, batch, onRecording, onLoss }: Workload): Steps {
  const [, classes = 1] = model.outputs[0]!.shape as number[];
  const always = {
    images: await images(model, batch),
    labels: Int32Array.from({ length: batch }, (_, i) => i % classes),
  };
  // The loop waits for its next batch until a step is requested. That wait is not part of a step's time.
  const asking = new EventEmitter();
  const asked = on(asking, 'step');
  async function* batches() {
    for await (const _ of asked) yield always;
  }
  const seconds = new Subject<number>();
  const schedule = () => 0.01;
  const policies = [failOnDivergence()];
  const training = train({
    model,
    batches,
    optimizer: sgd(),
    schedule,
    steps: 1e9,
    readEvery: 1,
    policies,
    onRecording,
  })
    .pipe(
      filter((event) => event.type === 'step'),
      tap(({ loss }) => onLoss?.(loss)),
      map((step) => step.seconds - step.secondsForData),
    )
    .subscribe(seconds);
  try {
    for (;;) {
      const step = firstValueFrom(seconds);
      asking.emit('step');
      yield await step;
    }
  } finally {
    training.unsubscribe();
    await asked.return?.();
  }
}

/** Inference steps, from images in JavaScript to logits in JavaScript. */
export async function* inferenceSteps({ model, batch }: Workload): Steps {
  const { data, shape } = await images(model, batch);
  for (;;) {
    const start = performance.now();
    const logits = tf.tidy(() => model.apply(tf.tensor4d(data, shape), { training: false }) as tf.Tensor);
    await logits.data();
    logits.dispose();
    yield (performance.now() - start) / 1000;
  }
}

/** Random images, the same in every run. */
async function images(
  model: tf.LayersModel,
  batch: number,
): Promise<{ data: Float32Array; shape: [number, number, number, number] }> {
  const [, height, width, channels] = model.inputs[0]!.shape as number[];
  const shape: [number, number, number, number] = [batch, height!, width!, channels!];
  const values = tf.randomNormal(shape, 0, 1, 'float32', 1);
  const data = await values.data<'float32'>();
  values.dispose();
  return { data, shape };
}
