import * as tf from '@tensorflow/tfjs';

/** A residual toy of built-in layers: conv–BN–ReLU–conv–BN, added to its input, pooled, three classes. */
export function toyModel(): tf.LayersModel {
  const input = tf.input({ shape: [4, 4, 2] });
  const conv = (name: string, seed: number) =>
    tf.layers.conv2d({
      name,
      filters: 2,
      kernelSize: 3,
      padding: 'same',
      useBias: false,
      kernelInitializer: tf.initializers.randomNormal({ seed, stddev: 0.4 }),
    });
  const norm = (name: string) => tf.layers.batchNormalization({ name, epsilon: 1e-5 });
  let y = norm('bn1').apply(conv('conv1', 1).apply(input));
  y = tf.layers.reLU().apply(y);
  y = norm('bn2').apply(conv('conv2', 2).apply(y));
  const sum = tf.layers.add({ name: 'add' }).apply([y as tf.SymbolicTensor, input]);
  const pooled = tf.layers.globalAveragePooling2d({}).apply(tf.layers.reLU().apply(sum));
  const logits = tf.layers
    .dense({ units: 3, name: 'fc', kernelInitializer: tf.initializers.randomNormal({ seed: 3 }) })
    .apply(pooled) as tf.SymbolicTensor;
  const model = tf.model({ inputs: input, outputs: logits });
  // Statistics other than 0 and 1, so that a forgotten normalization shows.
  for (const name of ['bn1', 'bn2']) {
    model
      .getLayer(name)
      .setWeights([
        tf.tensor1d([1.5, 0.5]),
        tf.tensor1d([0.2, -0.1]),
        tf.tensor1d([0.1, 0.3]),
        tf.tensor1d([0.8, 1.7]),
      ]);
  }
  return model;
}

/** Numbers in [-1, 1) that look random and are the same everywhere. */
export const numbers = (count: number): number[] =>
  Array.from({ length: count }, (_, i) => ((((Math.sin(i * 12.9898 + 4.1) * 43758.5453) % 1) + 1) % 1) * 2 - 1);

type Image = number[][][];

/** 3×3 convolution with zero padding 1, as four nested sums (§3.1's definition, no library). */
export function convolve(x: Image, kernel: number[][][][]): Image {
  const [height, width, inputs, outputs] = [x.length, x[0]!.length, x[0]![0]!.length, kernel[0]![0]![0]!.length];
  return Array.from({ length: height }, (_, i) =>
    Array.from({ length: width }, (_, j) =>
      Array.from({ length: outputs }, (_, k) => {
        let sum = 0;
        for (let a = 0; a < 3; a++)
          for (let b = 0; b < 3; b++)
            for (let c = 0; c < inputs; c++) sum += (x[i + a - 1]?.[j + b - 1]?.[c] ?? 0) * kernel[a]![b]![c]![k]!;
        return sum;
      }),
    ),
  );
}

/** Applies `f(value, channel)` everywhere. */
export const eachChannel = (x: Image, f: (value: number, channel: number) => number): Image =>
  x.map((row) => row.map((pixel) => pixel.map(f)));

/** The toy's second batch-normalized response and its input, sample by sample, by hand. */
export function forwardByHand(model: tf.LayersModel, image: Image): { first: Image; second: Image } {
  const kernel = (name: string) => model.getLayer(name).getWeights()[0]!.arraySync() as number[][][][];
  const normalize = (x: Image): Image => {
    const [gamma, beta, mean, variance] = [
      [1.5, 0.5],
      [0.2, -0.1],
      [0.1, 0.3],
      [0.8, 1.7],
    ];
    return eachChannel(x, (v, c) => ((v - mean![c]!) / Math.sqrt(variance![c]! + 1e-5)) * gamma![c]! + beta![c]!);
  };
  const first = normalize(convolve(image, kernel('conv1')));
  const second = normalize(
    convolve(
      eachChannel(first, (v) => Math.max(0, v)),
      kernel('conv2'),
    ),
  );
  return { first, second };
}
