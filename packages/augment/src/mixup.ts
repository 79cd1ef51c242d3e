import {
  type Batch,
  type BatchAugment,
  checkMix,
  type MixOptions,
  type MixPlan,
  mixLabels,
  type SoftBatch,
} from './batch';
import { beta, shuffled } from './draw';
import type { Random } from './image';

/** Mixes each image and its label with another of the batch (Zhang et al. 2018). Default `alpha` 0.2. */
export function randomMixup({ classes, alpha = 0.2 }: MixOptions): BatchAugment {
  checkMix('randomMixup', classes, alpha);
  return (batch, random) => mixup(batch, drawMix(batch, alpha, random), classes);
}

/** `share · image + (1 - share) · partner`, images and labels alike. */
export function mixup(batch: Batch, plan: MixPlan, classes: number): SoftBatch {
  const { data, shape } = batch.images;
  const size = shape[1] * shape[2] * shape[3];
  const mixed = new Float32Array(data.length);
  for (let n = 0; n < shape[0]; n++) {
    const [own, other] = [n * size, plan.partners[n]! * size];
    for (let i = 0; i < size; i++) mixed[own + i] = plan.share * data[own + i]! + (1 - plan.share) * data[other + i]!;
  }
  return { images: { data: mixed, shape: [...shape] }, labels: mixLabels('mixup', batch, plan, classes) };
}

/** Draws a share and partners: a random order of the batch. */
export function drawMix({ images }: Batch, alpha: number, random: Random): MixPlan {
  const share = beta(random, alpha);
  return { share, partners: shuffled(Array(images.shape[0]).keys(), random) };
}
