import { argumentsOf } from './arguments';
import { Measure, SoftmaxCrossEntropy } from './contract';

/** eˣ in double precision. */
function exp(x: f64): f64 { return Math.exp(x); }

/** Loss and gradient of softmax cross-entropy with label probabilities. Chunk: a block of rows. */
export function softmaxCrossEntropy(chunk: i32): void {
  const job = argumentsOf<SoftmaxCrossEntropy>(), block = job.block, factor = <f64>job.factor;
  const last = min(job.rows, (chunk + 1) * block), size = <usize>job.classes << 2;
  for (let row = chunk * block; row < last; row++) {
    const z = job.logits + <usize>row * size, p = job.labels + <usize>row * size, g = job.gradient + <usize>row * size;
    let top: f32 = -Infinity, sum: f64 = 0, mass: f64 = 0, loss: f64 = 0;
    for (let i: usize = 0; i < size; i += 4) top = max<f32>(top, load<f32>(z + i));
    for (let i: usize = 0; i < size; i += 4) { sum += exp(<f64>load<f32>(z + i) - <f64>top); mass += <f64>load<f32>(p + i); }
    const logSum = Math.log(sum) + <f64>top;
    for (let i: usize = 0; i < size; i += 4) {
      const probability = <f64>load<f32>(p + i), d = <f64>load<f32>(z + i) - logSum;
      if (probability != 0) loss -= probability * d;
      store<f32>(g + i, <f32>((exp(d) * mass - probability) * factor));
    }
    store<f32>(job.losses + (<usize>row << 2), <f32>loss);
    if (job.wrong) store<f32>(job.wrong + (<usize>row << 2), largest(z, size) == largest(p, size) ? 0 : 1);
  }
}

/** Place of the first largest of some values; of the first value where it is NaN, as TensorFlow.js's argMax. */
function largest(values: usize, size: usize): usize {
  let best: usize = 0;
  for (let i: usize = 4; i < size; i += 4) if (load<f32>(values + i) > load<f32>(values + best)) best = i;
  return best;
}

/** Mean loss and share of errors of a batch. One chunk. */
export function measure(): void {
  const job = argumentsOf<Measure>(), end = <usize>job.rows << 2, total = <f64>job.total;
  let loss: f64 = 0, wrong: f64 = 0;
  for (let i: usize = 0; i < end; i += 4) { loss += <f64>load<f32>(job.losses + i); wrong += <f64>load<f32>(job.wrong + i); }
  store<f32>(job.loss, <f32>(loss / total));
  store<f32>(job.measured, <f32>(loss / total));
  store<f32>(job.measured, <f32>(wrong / total), 4);
}
