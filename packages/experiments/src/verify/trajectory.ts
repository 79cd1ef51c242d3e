import { FREEZE_CHOICES, type FreezeChoice, type NamedWeights, torchvisionNames } from '@resnet/models';
import { parseSafetensors, type SafeTensor, toFloat32 } from '@resnet/safetensors';

/** Fine-tuning with AdamW: `init` is of other classes, and its last layer is replaced; a cosine follows a linear warm-up. */
export interface Finetuning {
  /** Decay of the running mean of the gradient. */
  beta1: number;
  /** Decay of the running mean of the squared gradient. */
  beta2: number;
  /** Added to the denominator. */
  epsilon: number;
  /** The last frozen part. */
  freeze: FreezeChoice;
  /** Steps of linear warm-up. */
  warmupSteps: number;
  /** The new last layer: `head.weight` and `head.bias`. */
  head: NamedWeights;
}

/** A training run that PyTorch recorded: a CIFAR network and a few steps, on a batch each, of SGD or of fine-tuning. */
export interface Trajectory {
  /** Blocks of each of the three stages. */
  blocksPerStage: readonly number[];
  /** Kind of the blocks. */
  block: 'basic' | 'bottleneck';
  /** Shortcut type, for option A with its padding. */
  shortcut: 'A-split' | 'A-end' | 'B' | 'C' | 'none';
  /** Learning rate. */
  rate: number;
  /** Momentum of SGD. */
  momentum: number;
  /** Whether momentum is Nesterov's. */
  nesterov: boolean;
  /** Weight decay. */
  weightDecay: number;
  /** No decay on biases and batch normalization. */
  decaySkips1d: boolean;
  /** What a run of fine-tuning has beside; null for training from `init`. */
  finetune: Finetuning | null;
  /** Number of classes. */
  classes: number;
  /** `[steps, batch, channels, height, width]` */
  images: SafeTensor;
  /** `[steps, batch]` */
  labels: Int32Array;
  /** One for each step, before its update. */
  losses: Float32Array;
  /** Weights and statistics before the first step, by torchvision's names. */
  init: NamedWeights;
  /** The same after the last step. */
  final: NamedWeights;
  /** `[batch, classes]`: what the final weights make of the first batch in evaluation mode. */
  logits: Float32Array;
}

/** Thrown for a safetensors file that is no recorded trajectory. */
export class TrajectoryError extends Error {
  override name = 'TrajectoryError';
}

/**
 * Reads a recorded trajectory.
 *
 * @throws TrajectoryError naming what the file lacks; SafetensorsError where it is none.
 */
export function readTrajectory(bytes: Uint8Array): Trajectory {
  const { tensors, metadata } = parseSafetensors(bytes);
  const tensor = (name: string): SafeTensor => tensors.get(name) ?? lacking(`a tensor ${name}`, 'none');
  const text = (name: string): string => metadata[name] ?? lacking(`${name} in its metadata`, 'none');
  const images = tensor('images');
  const logits = tensor('logits_eval');
  const trajectory: Trajectory = {
    blocksPerStage: stages(text('blocks_per_stage')),
    block: oneOf('block', text('block'), ['basic', 'bottleneck']),
    shortcut: oneOf('shortcut', text('shortcut'), ['A-split', 'A-end', 'B', 'C', 'none']),
    rate: number('lr', text('lr')),
    momentum: number('momentum', text('momentum')),
    nesterov: boolean('nesterov', text('nesterov')),
    weightDecay: number('weight_decay', text('weight_decay')),
    decaySkips1d: boolean('decay_skips_1d', text('decay_skips_1d')),
    finetune: metadata.optimizer === 'adamw' ? finetuning(text, tensors) : null,
    classes: logits.shape.at(-1) ?? 0,
    images,
    labels: Int32Array.from(toFloat32(tensor('labels'))),
    losses: toFloat32(tensor('losses')),
    init: torchvisionNames(under('init.', tensors)),
    final: torchvisionNames(under('final.', tensors)),
    logits: toFloat32(logits),
  };
  checkCounts(trajectory);
  return trajectory;
}

function finetuning(text: (name: string) => string, tensors: ReadonlyMap<string, SafeTensor>): Finetuning {
  oneOf('schedule', text('schedule'), ['cosine']);
  return {
    beta1: number('beta1', text('beta1')),
    beta2: number('beta2', text('beta2')),
    epsilon: number('epsilon', text('epsilon')),
    freeze: oneOf('freeze', text('freeze'), FREEZE_CHOICES),
    warmupSteps: number('warmup_steps', text('warmup_steps')),
    head: under('head.', tensors),
  };
}

function checkCounts({ images, labels, losses, logits, classes }: Trajectory): void {
  const [steps = 0, batch = 0] = images.shape;
  if (images.shape.length !== 5 || steps === 0 || losses.length !== steps) {
    lacking(`images [steps, batch, channels, height, width] for ${losses.length} losses`, `[${images.shape}]`);
  }
  if (labels.length !== steps * batch) lacking(`${steps * batch} labels`, `${labels.length}`);
  if (logits.length !== batch * classes) lacking(`logits_eval for ${batch} images`, `${logits.length} values`);
}

/** The tensors whose names begin with `prefix`, without it. */
const under = (prefix: string, tensors: ReadonlyMap<string, SafeTensor>): Map<string, SafeTensor> =>
  new Map(
    [...tensors]
      .filter(([name]) => name.startsWith(prefix))
      .map(([name, tensor]) => [name.slice(prefix.length), tensor]),
  );

function oneOf<Choice extends string>(name: string, value: string, choices: readonly Choice[]): Choice {
  return choices.find((choice) => choice === value) ?? lacking(`${name} of ${choices.join(', ')}`, value);
}

function number(name: string, text: string): number {
  const value = Number(text);
  return text.trim() !== '' && Number.isFinite(value) ? value : lacking(`a number as ${name}`, text);
}

/** `2`, or a number for each stage: `[1, 2, 1]`. */
function stages(text: string): readonly number[] {
  const counts = /^\[?\d+(, *\d+){0,9}\]?$/.test(text) ? [...text.matchAll(/\d+/g)].map(Number) : [];
  const [first = 0, ...rest] = counts;
  if (counts.some((count) => count < 1) || ![1, 3].includes(counts.length)) {
    lacking('blocks_per_stage, a number from 1 up for all three stages or for each', text);
  }
  return rest.length > 0 ? counts : [first, first, first];
}

/** As Python or JSON prints them. */
const boolean = (name: string, text: string): boolean => oneOf(name, text.toLowerCase(), ['true', 'false']) === 'true';

function lacking(expected: string, found: string): never {
  throw new TrajectoryError(
    `verify: a trajectory must have ${expected}, got ${JSON.stringify(found.slice(0, 80))}. Record it again.`,
  );
}
