import { batches, type Dataset } from '@resnet/data';

/** The test error of multinomial logistic regression on pixels, trained by gradient descent with momentum. */
export async function linearError(train: Dataset, test: Dataset, epochs = 8): Promise<number> {
  const classes = train.classes.length;
  const size = train.shape!.reduce((a, b) => a * b);
  const weights = new Float32Array(classes * size);
  const velocity = new Float32Array(classes * size);
  const normalize = { mean: [0.5, 0.5, 0.5], std: [0.3, 0.3, 0.3] };
  for (let epoch = 0; epoch < epochs; epoch++) {
    for await (const { images, labels } of batches(train, { batchSize: 50, epoch, normalize: normalize })) {
      step(images.data, labels);
    }
  }
  let wrong = 0;
  for await (const { images, labels } of batches(test, { batchSize: 50, normalize: normalize, shuffle: false })) {
    for (const [i, label] of labels.entries()) {
      const scores = score(images.data.subarray(i * size, (i + 1) * size));
      if (scores.indexOf(Math.max(...scores)) !== label) wrong++;
    }
  }
  return wrong / test.length;

  function score(image: Float32Array): number[] {
    return Array.from({ length: classes }, (_, k) => {
      let sum = 0;
      for (let j = 0; j < size; j++) sum += weights[k * size + j]! * image[j]!;
      return sum;
    });
  }

  function step(data: Float32Array, labels: Int32Array): void {
    for (let i = 0; i < velocity.length; i++) velocity[i]! *= 0.9;
    for (const [i, label] of labels.entries()) {
      const image = data.subarray(i * size, (i + 1) * size);
      const scores = score(image);
      const largest = Math.max(...scores);
      const exponentials = scores.map((value) => Math.exp(value - largest));
      const total = exponentials.reduce((a, b) => a + b);
      for (let k = 0; k < classes; k++) {
        const slope = (exponentials[k]! / total - (k === label ? 1 : 0)) / labels.length;
        for (let j = 0; j < size; j++) velocity[k * size + j]! += slope * image[j]!;
      }
    }
    for (let i = 0; i < weights.length; i++) weights[i]! -= 0.001 * velocity[i]!;
  }
}
