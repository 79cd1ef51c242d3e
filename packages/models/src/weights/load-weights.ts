import { printable } from '@resnet/files/printable';
import { type SafeTensor, toFloat32 } from '@resnet/safetensors';
import * as tf from '@tensorflow/tfjs';
import { headLayer } from '../freeze';
import { ourLayout, torchShape } from './layout';
import { weightsOf } from './model-weights';
import { torchvisionNames } from './names';
import type { NamedWeights } from './read-weights';

/** A weight whose shape, in PyTorch's layout, is not the model's. */
export interface WrongShape {
  /** In PyTorch, as `layer1.0.conv1.weight`. */
  name: string;
  /** Shape in the model. */
  expected: readonly number[];
  /** Shape in what was to be loaded. */
  got: readonly number[];
}

/** Thrown where weights do not fit a model: everything that does not fit, at once. The model has not changed. */
export class WeightMismatchError extends Error {
  /** `WeightMismatchError`, in minified code too. */
  override name = 'WeightMismatchError';

  constructor(
    /** Weights of the model that the file does not have. */
    readonly missing: readonly string[],
    /** Weights of the file that the model does not have. */
    readonly unexpected: readonly string[],
    /** Weights of both, of different shapes. */
    readonly wrongShape: readonly WrongShape[],
  ) {
    super(
      [
        `loadWeights: the weights must be the model's, got differences. ${nextMove(missing, unexpected, wrongShape)}`,
        ...listed(missing, (name) => `missing: ${shown(name)}`),
        ...listed(unexpected, (name) => `unexpected: ${shown(name)}`),
        ...listed(wrongShape, ({ name, expected, got }) => `wrong shape: ${name} must be [${expected}], got [${got}]`),
      ].join('\n'),
    );
  }
}

/** Where the last layer alone differs, the weights are of other classes. */
const nextMove = (
  missing: readonly string[],
  unexpected: readonly string[],
  wrongShape: readonly WrongShape[],
): string =>
  missing.length + unexpected.length === 0 && wrongShape.every(({ name }) => name.startsWith('fc.'))
    ? "They are of a net for other classes: make the model for as many, or load them with { head: 'replace' } to train its last layer anew."
    : "Check the model's name, shortcut and classes.";

/** A line each, as far as anybody reads: a hostile file may hold a million names. */
const listed = <T>(all: readonly T[], line: (one: T) => string): string[] => [
  ...all.slice(0, 200).map((one) => `  ${line(one)}`),
  ...(all.length > 200 ? [`  … and ${all.length - 200} more`] : []),
];

/** A name of a file on one line, as far as anybody reads. */
const shown = (name: string): string => printable(name.slice(0, 200));

/** Settings of {@link loadWeights}. */
export interface LoadWeightsOptions {
  /**
   * `keep` (default) loads the last layer with the rest. `replace` leaves the model's last layer as it is, so that a net trained for
   * other classes can be fine-tuned; weights without a last layer will do.
   */
  head?: 'keep' | 'replace';
}

/**
 * Sets all weights of a model, batch-normalization statistics included. All names and shapes are checked before the
 * first weight changes.
 *
 * @param weights As `readWeights` or `modelWeights` give them; see `torchvisionNames` for the names understood.
 * @throws WeightMismatchError listing everything missing, unexpected or of another shape.
 */
export function loadWeights(
  model: tf.LayersModel,
  weights: NamedWeights,
  { head = 'keep' }: LoadWeightsOptions = {},
): void {
  const loaded = (name: string): boolean => head === 'keep' || !name.startsWith(`${headLayer(model).name}.`);
  const given = new Map([...torchvisionNames(weights)].filter(([name]) => loaded(name)));
  const own = weightsOf(model).filter(({ name }) => loaded(name));
  check(new Map(own.map(({ name, variable }) => [name, torchShape(variable.shape.map(Number))])), given);
  const values = own.map(({ name }) => toOurs(given.get(name)!));
  tf.tidy(() => {
    const tensors = own.map(({ variable }, i) => tf.tensor(values[i]!, variable.shape.map(Number)));
    own.forEach(({ variable }, i) => {
      variable.write(tensors[i]!);
    });
  });
}

const toOurs = (tensor: SafeTensor): Float32Array => ourLayout(toFloat32(tensor), tensor.shape);

function check(own: ReadonlyMap<string, readonly number[]>, given: NamedWeights): void {
  const missing = [...own.keys()].filter((name) => !given.has(name));
  const unexpected = [...given.keys()].filter((name) => !own.has(name));
  const wrongShape = [...own].flatMap(([name, expected]) => {
    const got = given.get(name)?.shape ?? expected;
    return got.join() === expected.join() ? [] : [{ name, expected, got }];
  });
  if (missing.length + unexpected.length + wrongShape.length > 0) {
    throw new WeightMismatchError(missing, unexpected, wrongShape);
  }
}
