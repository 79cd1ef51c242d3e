import type { Recipe } from './schema';

/** What has to be known of a recipe beyond its own facts. */
export interface RecipeFacts {
  /** Images trained on. */
  trainImages: number;
  parameters: number;
  /** For one image. */
  multiplyAdds: number;
  /** Measured on this machine; null where nothing was timed. */
  secondsPerStep: number | null;
}

const grouped = (count: number): string => count.toLocaleString('en-US');

/** Two digits after the point, fewer where they are zero. */
const short = (value: number): string => String(Number(value.toFixed(2)));

/** `steps · batch / images`: how many times as many images as there are, as 64,000 · 128 / 50,000 = 163.84. */
export const epochs = ({ batch }: Pick<Recipe, 'batch'>, steps: number, images: number): number =>
  (steps * batch) / images;

/** A recipe in words, with the figures that follow from it; a line each. */
export function explain(recipe: Recipe, facts: RecipeFacts): string[] {
  return [
    ...about(recipe, facts),
    ...length(recipe, facts.trainImages),
    ...rates(recipe, facts.trainImages),
    ...training(recipe),
    ...besides(recipe),
    ...cost(recipe, facts),
  ];
}

const about = (recipe: Recipe, { parameters, multiplyAdds }: RecipeFacts): string[] => [
  `${recipe.name}: trains ${recipe.model}${recipe.model.startsWith('plain') ? '' : ` with shortcut ${recipe.shortcut}`} on images of ${recipe.imageSize} × ${recipe.imageSize} pixels.`,
  `Network: ${grouped(parameters)} parameters, ${short(multiplyAdds / 1e6)} million multiply-adds an image.`,
];

function length(recipe: Recipe, images: number): string[] {
  const { steps, batch } = recipe;
  const perPass = Math.max(1, Math.floor(images / batch));
  return [
    `Length: ${grouped(steps)} iterations of ${batch} images; on ${grouped(images)} training images that is ${grouped(steps)} × ${batch} / ${grouped(images)} = ${short(epochs(recipe, steps, images))} epochs.`,
    `Passes: ${grouped(perPass)} full batches a pass, ${short(steps / perPass)} passes over the data.`,
  ];
}

function rates(recipe: Recipe, images: number): string[] {
  const { schedule, warmUp, steps } = recipe;
  const at = (step: number) => `iteration ${grouped(step)} (epoch ${short(epochs(recipe, step, images))})`;
  const first = warmUp
    ? [`Warm-up: rate ${warmUp.rate} until the training error is below ${short(100 * warmUp.untilTrainError)} %.`]
    : [];
  switch (schedule.kind) {
    case 'constant':
      return [...first, `Rate: ${schedule.rate} throughout.`];
    case 'multistep':
      return [
        ...first,
        `Rate: ${schedule.rate} at first${schedule.milestones
          .map((milestone, i) => `; ${short6(schedule.rate * schedule.factor ** (i + 1))} from ${at(milestone)}`)
          .join('')}; the end is ${at(steps)}.`,
      ];
    case 'cosine':
      return [
        ...first,
        `Rate: along half a cosine from ${schedule.rate} to ${schedule.floor}, after ${schedule.warmup} iterations of linear rise.`,
      ];
    case 'plateau':
      return [
        ...first,
        `Rate: ${schedule.rate}, times ${schedule.factor} when ${schedule.metric} has not improved for ${schedule.patience} evaluations.`,
      ];
  }
}

/** Without the dust of 0.1 · 0.1. */
const short6 = (value: number): string => String(Number(value.toPrecision(6)));

const augmentations: Readonly<Record<Recipe['augment'], string>> = {
  cifar: 'pad 4, random crop, mirror image half of the time',
  'cifar-colour': 'pad 4, random crop, mirror image half of the time, colour shift',
  imagenet: 'shorter side at random, random crop, mirror image half of the time, colour shift',
  none: 'none',
};

const training = (recipe: Recipe): string[] => [
  `Update: SGD with ${recipe.nesterov ? 'Nesterov ' : ''}momentum ${recipe.momentum}, weight decay ${recipe.weightDecay}${recipe.decayAll ? ' on everything' : ' except batch normalisation and biases'}.`,
  `Images: ${typeof recipe.normalise === 'string' ? recipe.normalise : 'given mean and deviation'} normalisation; augmentation: ${augmentations[recipe.augment]}.`,
  `Held out: ${recipe.holdOut > 0 ? `${grouped(recipe.holdOut)} training images for validation (${recipe.split})` : 'nothing'}; tested once, at the end, on a single view${recipe.crops === 10 ? '; `resnet evaluate --run` then takes 10 crops' : ''}.`,
];

/** What the paper's recipes do without. */
function besides(recipe: Recipe): string[] {
  const { block, zeroGamma, labelSmoothing, clipNorm, ema, microBatch, patience, overfit } = recipe;
  const said = [
    ...(block ? [`${block} blocks`] : []),
    ...(zeroGamma ? ['the last normalisation of each branch starts at zero'] : []),
    ...(labelSmoothing > 0 ? [`labels smoothed by ${labelSmoothing}`] : []),
    ...(clipNorm !== null ? [`gradients kept to norm ${clipNorm}`] : []),
    ...(ema !== null ? [`weights averaged with decay ${ema}`] : []),
    ...(microBatch !== null ? [`at most ${microBatch} images at once`] : []),
    ...(patience !== null ? [`ends after ${patience} validations in a row without a lower error`] : []),
    ...(overfit !== null ? [`trains and tests on the same ${overfit} images`] : []),
  ];
  return said.length > 0 ? [`Besides: ${said.join('; ')}.`] : [];
}

function cost({ steps, batch }: Recipe, { multiplyAdds, secondsPerStep }: RecipeFacts): string[] {
  // Forward, gradient of the input, gradient of the weights; two operations a multiply-add.
  const operations = `${(6 * multiplyAdds * batch * steps).toExponential(2).replace('e+', ' × 10^')} floating-point operations`;
  return secondsPerStep === null
    ? [`Work: about ${operations}.`]
    : [
        `Work: about ${operations}; here ${short6(Number(secondsPerStep.toPrecision(3)))} s an iteration, about ${duration(secondsPerStep * steps)} in all, evaluations apart.`,
      ];
}

/** Seconds in the two largest units that matter. */
export function duration(seconds: number): string {
  if (seconds < 60) return `${Math.round(seconds)} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 60) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  return hours < 48 ? `${hours} h ${minutes % 60} min` : `${Math.floor(hours / 24)} days ${hours % 24} h`;
}
