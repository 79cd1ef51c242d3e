import { warmupStepsOf } from '../run/schedule';
import { recipeArchitecture } from './architecture';
import { inIterations, type MeasuredRecipe, stepsPerEpoch } from './length';
import type { Recipe } from './schema';

/** What an explanation needs beyond the recipe itself. */
export interface RecipeFacts {
  /** Images trained on. */
  trainImages: number;
  /** Trainable parameters of the network. */
  parameters: number;
  /** Multiply-adds of a forward pass over one image. */
  multiplyAdds: number;
  /** Seconds per iteration on this machine; null if not timed. */
  secondsPerStep: number | null;
}

const grouped = (count: number): string => count.toLocaleString('en-US');

/** Two digits after the point, fewer where they are zero. */
const short = (value: number): string => String(Number(value.toFixed(2)));

/** `steps · batchSize / images`: passes over the images, as 64,000 · 128 / 50,000 = 163.84. */
export const epochs = ({ batchSize }: Pick<Recipe, 'batchSize'>, steps: number, images: number): number =>
  (steps * batchSize) / images;

/** Describes a recipe in words, with the figures that follow from it; one statement per line. */
export function explainRecipe(asked: Recipe, facts: RecipeFacts): string[] {
  const recipe = inIterations(asked, facts.trainImages);
  return [
    ...about(recipe, facts),
    ...start(recipe),
    ...length(recipe, facts.trainImages),
    ...rates(recipe, facts.trainImages),
    ...training(recipe),
    ...besides(recipe),
    ...cost(recipe, facts),
  ];
}

function about(recipe: Recipe, { parameters, multiplyAdds }: RecipeFacts): string[] {
  const { name, model, imageSize } = recipe;
  const { shortcut } = recipeArchitecture(recipe);
  return [
    `${name}: trains ${model.name}${shortcut === 'none' ? '' : ` with shortcut ${shortcut}`} on images of ${imageSize} × ${imageSize} pixels.`,
    `Network: ${grouped(parameters)} parameters, ${short(multiplyAdds / 1e6)} million multiply-adds per image.`,
  ];
}

/** What it starts from; nothing to say of weights drawn at random. */
const start = ({ weights, freeze, headRate }: Recipe): string[] =>
  weights === null && freeze === 'none'
    ? []
    : [
        `Start: ${weights === null ? 'weights drawn at random' : `the weights of ${weights}`}; frozen: ${freeze}${headRate === 1 ? '' : `; the head learns at ${headRate} times the rate`}.`,
      ];

function length(recipe: MeasuredRecipe, images: number): string[] {
  const { steps, batchSize } = recipe;
  const perPass = stepsPerEpoch(recipe, images);
  return [
    `Length: ${grouped(steps)} iterations of ${batchSize} images; on ${grouped(images)} training images that is ${grouped(steps)} × ${batchSize} / ${grouped(images)} = ${short(epochs(recipe, steps, images))} epochs.`,
    `Passes: ${grouped(perPass)} full batches per pass, ${short(steps / perPass)} passes over the data.`,
  ];
}

function rates(recipe: Recipe, images: number): string[] {
  const { schedule, warmupUntil, steps } = recipe;
  const at = (step: number) => `iteration ${grouped(step)} (epoch ${short(epochs(recipe, step, images))})`;
  const first = warmupUntil
    ? [`Warm-up: rate ${warmupUntil.rate} until the training error is below ${short(100 * warmupUntil.below)} %.`]
    : [];
  switch (schedule.kind) {
    case 'constant':
      return [...first, `Rate: ${schedule.base} throughout.`];
    case 'multistep':
      return [
        ...first,
        `Rate: ${schedule.base} at first${schedule.milestones
          .map((milestone, i) => `; ${withoutNoise(schedule.base * schedule.factor ** (i + 1))} from ${at(milestone)}`)
          .join('')}; the end is ${at(steps)}.`,
      ];
    case 'cosine':
      return [...first, `Rate: half a cosine from ${schedule.base} to ${schedule.min}, ${warmedUp(recipe)}.`];
    case 'oneCycle':
      return [...first, `Rate: one cycle that rises to ${schedule.maxRate} and falls to almost nothing.`];
    case 'step':
      return [
        ...first,
        `Rate: ${schedule.base}, times ${schedule.factor} every ${grouped(schedule.every)} iterations, ${warmedUp(recipe)}.`,
      ];
    case 'exponential':
      return [...first, `Rate: ${schedule.base}, times ${schedule.factor} at every iteration, ${warmedUp(recipe)}.`];
    case 'polynomial':
      return [
        ...first,
        `Rate: from ${schedule.base} to ${schedule.min} by a polynomial of power ${schedule.power}, ${warmedUp(recipe)}.`,
      ];
    case 'restarts':
      return [
        ...first,
        `Rate: half cosines from ${schedule.base} to ${schedule.min}, the first of ${grouped(schedule.steps)} iterations, each ${schedule.multiplier} times as long as the one before, ${warmedUp(recipe)}.`,
      ];
    case 'plateau':
      return [
        ...first,
        `Rate: ${schedule.base}, times ${schedule.factor} when ${schedule.metric} has not improved for ${schedule.patience} evaluations.`,
      ];
  }
}

const warmedUp = ({ schedule, steps }: Recipe): string =>
  `after ${grouped(warmupStepsOf(schedule, steps))} iterations of linear rise`;

/** Six digits: without the rounding noise of 0.1 · 0.1. */
const withoutNoise = (value: number): string => String(Number(value.toPrecision(6)));

const augmentations: Readonly<Record<string, string>> = {
  cifar: 'pad 4, random crop, mirror image half of the time',
  'cifar-color': 'pad 4, random crop, mirror image half of the time, color shift',
  imagenet: 'shorter side at random, random crop, mirror image half of the time, color shift',
  none: 'none',
};

const augmentationOf = ({ augment }: Recipe): string =>
  typeof augment === 'string' ? (augmentations[augment] ?? augment) : augment.map(({ kind }) => kind).join(', ');

const updateRule = ({ optimizer, nesterov, momentum, betas }: Recipe): string =>
  optimizer === 'sgd'
    ? `SGD with ${nesterov ? 'Nesterov ' : ''}momentum ${momentum}`
    : `AdamW with betas ${betas.join(' and ')}`;

const heldOut = ({ holdOut, split, validation }: Recipe): string => {
  if (holdOut > 0) return `${grouped(holdOut)} training images for validation (${split})`;
  return validation > 0
    ? `${short(100 * validation)} % of the training images where there is no val folder`
    : 'nothing';
};

const training = (recipe: Recipe): string[] => [
  `Update: ${updateRule(recipe)}, weight decay ${recipe.weightDecay}${recipe.decay === 'all' ? ' on everything' : ' except batch normalization and biases'}.`,
  `Images: ${typeof recipe.normalize === 'string' ? recipe.normalize : 'given mean and deviation'} normalization; augmentation: ${augmentationOf(recipe)}.`,
  `Held out: ${heldOut(recipe)}; evaluated once on the test images, at the end, on a single view${recipe.crops === 10 ? '; later evaluations take 10 crops' : ''}.`,
];

/** Settings that the paper's recipes do not use. */
function besides(recipe: Recipe): string[] {
  const {
    model,
    labelSmoothing,
    clipNorm,
    averageDecay,
    syncStatistics,
    microBatch,
    patience,
    overfit,
    onBrokenImage,
  } = recipe;
  const said = [
    ...(model.block ? [`${model.block} blocks`] : []),
    ...(model.zeroLastScale ? ['the last normalization of each branch starts at zero'] : []),
    ...(labelSmoothing > 0 ? [`labels smoothed by ${labelSmoothing}`] : []),
    ...(clipNorm !== null ? [`gradients kept to norm ${clipNorm}`] : []),
    ...(syncStatistics ? ['normalized over the whole batch, whatever number of processes'] : []),
    ...(averageDecay !== null ? [`weights averaged with decay ${averageDecay}`] : []),
    ...(microBatch !== null ? [`at most ${microBatch} images at once`] : []),
    ...(patience !== null ? [`ends after ${patience} validations in a row without a lower error`] : []),
    ...(recipe.finalWeights === 'best' ? ['ends with the weights of its best validation'] : []),
    ...(recipe.mixup !== null ? [`images mixed (mixup, alpha ${recipe.mixup})`] : []),
    ...(recipe.cutmix !== null ? [`images pasted into each other (cutmix, alpha ${recipe.cutmix})`] : []),
    ...(recipe.balance !== 'none'
      ? [`classes balanced by ${recipe.balance === 'weights' ? 'weights of the loss' : 'the sampler'}`]
      : []),
    ...(overfit !== null ? [`trains and evaluates on the same ${overfit} images`] : []),
    ...(onBrokenImage === 'skip' ? ['images that cannot be decoded are left out'] : []),
  ];
  return said.length > 0 ? [`Besides: ${said.join('; ')}.`] : [];
}

function cost({ steps, batchSize }: Recipe, { multiplyAdds, secondsPerStep }: RecipeFacts): string[] {
  // Forward, gradient of the input, gradient of the weights; two operations a multiply-add.
  const operations = `${(6 * multiplyAdds * batchSize * steps).toExponential(2).replace('e+', ' × 10^')} floating-point operations`;
  return secondsPerStep === null
    ? [`Work: about ${operations}.`]
    : [
        `Work: about ${operations}; here ${withoutNoise(Number(secondsPerStep.toPrecision(3)))} s an iteration, about ${formatDuration(secondsPerStep * steps)} in all, without evaluations.`,
      ];
}

/** Seconds in words, in the two largest units: `8 h 53 min`. */
export function formatDuration(seconds: number): string {
  if (seconds < 60) return `${Math.round(seconds)} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 60) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  return hours < 48 ? `${hours} h ${minutes % 60} min` : `${Math.floor(hours / 24)} days ${hours % 24} h`;
}
