import type { Dataset } from '@resnet/data';
import type * as tf from '@tensorflow/tfjs';
import { UsageError } from '../errors';
import type { Preprocessing } from './preprocessing';

/** Throws unless `model` tells as many classes apart as `dataset` has. */
export function checkClasses(who: string, model: tf.LayersModel, { classes }: Dataset): void {
  const [, count] = model.outputs[0]!.shape;
  if (count === classes.length) return;
  throw new UsageError(
    `${who}: the data must have the network's ${count} classes, got ${classes.length}. Pass the data set it was trained for.`,
  );
}

/** A run's preprocessing for other images: those of another size are resized and cropped, also where the run's own needed neither. */
export function fitted(preprocessing: Preprocessing, { shape }: Dataset): Preprocessing {
  const { imageSize, shorterSide } = preprocessing;
  const fits = shape?.[0] === imageSize && shape[1] === imageSize;
  return { ...preprocessing, shorterSide: shorterSide ?? (fits ? null : imageSize) };
}
