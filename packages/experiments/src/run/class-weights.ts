import type { Dataset } from '@resnet/data';

/** `images / (classes · images of the class)` for each class: their mean over the images is 1, and every class has the same part in the loss. */
export function classWeightsOf(dataset: Dataset): number[] {
  const counts = dataset.classes.map(() => 0);
  for (let i = 0; i < dataset.length; i++) counts[dataset.label(i)]!++;
  const present = counts.filter((count) => count > 0).length;
  return counts.map((count) => (count === 0 ? 1 : dataset.length / (present * count)));
}
