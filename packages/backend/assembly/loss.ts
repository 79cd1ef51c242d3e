import { argumentsOf } from './arguments';
import { SoftmaxCrossEntropy } from './contract';

/** eˣ in double precision. */
function exp(x: f64): f64 { return Math.exp(x); }

/** Loss and gradient of softmax cross-entropy with label probabilities. Chunk: a block of rows. */
export function softmaxCrossEntropy(chunk: i32): void {
  const job = argumentsOf<SoftmaxCrossEntropy>(), logits = job.logits, labels = job.labels, losses = job.losses, gradient = job.gradient, block = job.block;
  const last = min(job.rows, (chunk + 1) * block), size = <usize>job.classes << 2;
  for (let row = chunk * block; row < last; row++) {
    const z = logits + <usize>row * size, p = labels + <usize>row * size, g = gradient + <usize>row * size;
    let top: f32 = -Infinity, sum: f64 = 0, mass: f64 = 0, loss: f64 = 0;
    for (let i: usize = 0; i < size; i += 4) top = max<f32>(top, load<f32>(z + i));
    for (let i: usize = 0; i < size; i += 4) { sum += exp(<f64>load<f32>(z + i) - <f64>top); mass += <f64>load<f32>(p + i); }
    const logSum = Math.log(sum) + <f64>top;
    for (let i: usize = 0; i < size; i += 4) {
      const probability = <f64>load<f32>(p + i), d = <f64>load<f32>(z + i) - logSum;
      if (probability != 0) loss -= probability * d;
      store<f32>(g + i, <f32>(exp(d) * mass - probability));
    }
    store<f32>(losses + (<usize>row << 2), <f32>loss);
  }
}
