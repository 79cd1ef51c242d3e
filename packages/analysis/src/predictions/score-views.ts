import * as tf from '@tensorflow/tfjs';
import { AnalysisError } from '../analysis-error';

/** An image as the network sees it, channels last, already normalized. */
export interface ImageView {
  /** `height · width · channels` numbers, row by row. */
  data: Float32Array;
  /** In pixels. */
  height: number;
  /** In pixels. */
  width: number;
  /** As many as the model takes. */
  channels: number;
}

/**
 * Class probabilities of images of which the network sees several views, averaged over the views: 10-crop testing,
 * and testing at several scales (§3.4).
 *
 * @param model Gives logits `[n, classes]`; with views of different sizes it must take any size.
 * @param images For each image its views, at least one; all views of equal size run together, `batch` at a time.
 * @returns For each image its probabilities, the means summed in float64.
 * @throws AnalysisError for an image without views, a view whose numbers are not its pixels', and no batch size.
 */
export async function scoreViews(
  model: tf.LayersModel,
  images: readonly (readonly ImageView[])[],
  batch = 100,
): Promise<Float64Array[]> {
  check(images, batch);
  const flat = images.flatMap((views, image) => views.map((view) => ({ view, image, share: 1 / views.length })));
  const classes = model.outputs[0]!.shape.at(-1)!;
  const means = images.map(() => new Float64Array(classes));
  for (const group of bySize(flat)) {
    for (let start = 0; start < group.length; start += batch) {
      const part = group.slice(start, start + batch);
      const probabilities = await predict(
        model,
        part.map(({ view }) => view),
      );
      part.forEach(({ image, share }, i) => {
        for (let k = 0; k < classes; k++) means[image]![k]! += share * probabilities[i * classes + k]!;
      });
    }
  }
  return means;
}

function check(images: readonly (readonly ImageView[])[], batch: number): void {
  if (!Number.isInteger(batch) || batch < 1) {
    throw new AnalysisError(`scoreViews: batch must be a whole number from 1, got ${batch}. Try 100.`);
  }
  for (const [i, views] of images.entries()) {
    if (views.length === 0) {
      throw new AnalysisError(
        `scoreViews: every image must have a view, got none of image ${i}. Crop it, or leave it out.`,
      );
    }
    for (const { data, height, width, channels } of views) {
      if (data.length === height * width * channels) continue;
      throw new AnalysisError(
        `scoreViews: a view of ${height} × ${width} × ${channels} must have as many numbers, got ${data.length}. Flatten it, channels last.`,
      );
    }
  }
}

function bySize<T extends { view: ImageView }>(items: readonly T[]): T[][] {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const { height, width, channels } = item.view;
    const key = `${height}×${width}×${channels}`;
    const group = groups.get(key);
    if (group) group.push(item);
    else groups.set(key, [item]);
  }
  return [...groups.values()];
}

async function predict(model: tf.LayersModel, views: readonly ImageView[]): Promise<Float32Array> {
  const { height, width, channels } = views[0]!;
  const size = height * width * channels;
  const data = new Float32Array(views.length * size);
  views.forEach((view, i) => {
    data.set(view.data, i * size);
  });
  const probabilities = tf.tidy(() => {
    const logits = model.predictOnBatch(tf.tensor4d(data, [views.length, height, width, channels]));
    return tf.softmax(Array.isArray(logits) ? logits[0]! : logits);
  });
  const values = await probabilities.data<'float32'>();
  probabilities.dispose();
  return values;
}
