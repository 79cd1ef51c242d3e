import type { ScoredImage } from '@resnet/analysis';
import type { Dataset, LabeledImage } from '@resnet/data';
import type * as tf from '@tensorflow/tfjs';
import type { ViewsOf } from './views';

/** Images decoded at a time. */
const CHUNK = 25;

/** Probabilities of every image of a data set, averaged over its views; in order. */
export async function scoreDataset(
  model: tf.LayersModel,
  dataset: Dataset,
  views: ViewsOf,
): Promise<{ scored: ScoredImage[]; seconds: number }> {
  // Loaded here, so that a training run does not wait for plots.
  const { scoreViews } = await import('@resnet/analysis');
  const start = performance.now();
  const scored: ScoredImage[] = [];
  for await (const samples of chunks(dataset, CHUNK)) {
    const probabilities = await scoreViews(
      model,
      samples.map(({ image }) => views(image)),
    );
    samples.forEach(({ label }, i) => {
      scored.push({ label, probabilities: [...probabilities[i]!] });
    });
  }
  return { scored, seconds: (performance.now() - start) / 1000 };
}

async function* chunks(dataset: Dataset, size: number): AsyncGenerator<LabeledImage[]> {
  for (let start = 0; start < dataset.length; start += size) {
    const indices = Array.from({ length: Math.min(size, dataset.length - start) }, (_, i) => start + i);
    yield await Promise.all(indices.map((i) => dataset.read(i)));
  }
}
