import { parseJson } from '@resnet/files';
import type { Preprocessing } from '../evaluation/single-view';
import type { RecipeModel } from '../recipe/schema';

/** What exported weights say of themselves, so that a file alone is enough to use them. */
export interface NetworkDescription {
  /** The network, as `createModel` makes it. */
  readonly model: RecipeModel;
  /** Names of the classes, by index; null where they are not known. */
  readonly classes: readonly string[] | null;
  /** How images become what the network sees; null where it is not known. */
  readonly preprocessing: Preprocessing | null;
}

/** A description as strings by key: metadata of safetensors, `metadata_props` of ONNX. Lists and objects are JSON. */
export const toMetadata = ({ model, classes, preprocessing }: NetworkDescription): Record<string, string> => {
  const { name, ...options } = model;
  return {
    model: name,
    ...(Object.keys(options).length > 0 && { modelOptions: JSON.stringify(options) }),
    ...(classes && { classes: JSON.stringify(classes) }),
    ...(preprocessing && { preprocessing: JSON.stringify(preprocessing) }),
  };
};

/** What {@link toMetadata} wrote, as far as it can be read; also where values are not strings of JSON but what they stand for. */
export function fromMetadata(metadata: Readonly<Record<string, unknown>>): Partial<NetworkDescription> {
  const { model: name } = metadata;
  const [options, classes, preprocessing] = [metadata.modelOptions, metadata.classes, metadata.preprocessing].map(
    plain,
  );
  return {
    ...(typeof name === 'string' && { model: { ...(isObject(options) && options), name } }),
    ...(isNames(classes) && { classes }),
    ...(isPreprocessing(preprocessing) && { preprocessing }),
  };
}

function plain(value: unknown): unknown {
  if (typeof value !== 'string') return value;
  try {
    return parseJson(value);
  } catch {
    return undefined;
  }
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const isNames = (value: unknown): value is string[] =>
  Array.isArray(value) && value.length > 0 && value.every((name) => typeof name === 'string');

const isSide = (value: unknown): boolean => Number.isSafeInteger(value) && Number(value) > 0;

const isNumbers = (value: unknown): boolean => value === null || (Array.isArray(value) && value.every(Number.isFinite));

const isPreprocessing = (value: unknown): value is Preprocessing =>
  isObject(value) &&
  isSide(value.imageSize) &&
  (value.shorterSide === null || isSide(value.shorterSide)) &&
  (value.fallbackSide === undefined || isSide(value.fallbackSide)) &&
  isNumbers(value.mean) &&
  isNumbers(value.std);
