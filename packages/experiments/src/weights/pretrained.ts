import { createHash } from 'node:crypto';
import { statSync } from 'node:fs';
import { isThere, readBytes } from '@resnet/files';
import { type NamedWeights, networkOfShapes, readWeights } from '@resnet/models';
import { parseSafetensors } from '@resnet/safetensors';
import { UsageError } from '../errors';
import { shorterSideFor } from '../evaluation/preprocessing';
import type { Preprocessing } from '../evaluation/single-view';
import { changesOf, type OnNote } from '../note';
import { didYouMean } from '../recipe/did-you-mean';
import type { RecipeModel } from '../recipe/schema';
import { loadRun, preparedOf, unfinished } from '../run/saved-run';
import { type FetchWeightsOptions, fetchWeights } from './fetch-weights';
import { imagenetClasses } from './imagenet-classes';
import { fromMetadata, type NetworkDescription } from './metadata';
import { imagenetStatistics, type PublishedWeights, publishedWeights } from './published';

/** Trained weights and what is known of them. */
export interface Pretrained extends NetworkDescription {
  /** Tensors by name. */
  readonly weights: NamedWeights;
  /** How the network and its preprocessing are known, as a sentence. */
  readonly known: string;
}

/** How weights are opened. */
export interface OpenPretrainedOptions extends Pick<FetchWeightsOptions, 'cacheDir' | 'signal'> {
  /** Receives the progress of a download. */
  onNote?: OnNote;
  /** Which weights of a checkpoint that holds several. */
  key?: string;
  /** The network, where the file does not say, or says wrong. */
  model?: RecipeModel;
}

/**
 * Opens trained weights: a name of {@link publishedWeights}, fetched once; a run folder; a file of safetensors or PyTorch. What they are of is
 * known from the run, from what the file says of itself, from its SHA-256 if it is a published one, or else from names and shapes.
 *
 * @throws UsageError where there is nothing of that name; UnreachableError of `@resnet/data` where a download fails; WeightFileError of
 *   `@resnet/models` for a file that is no ResNet's.
 */
export async function openPretrained(source: string, options: OpenPretrainedOptions = {}): Promise<Pretrained> {
  const { model, key, onNote, ...download } = options;
  const named = publishedWeights.get(source);
  if (named && !isThere(source)) {
    const onProgress = onNote && fetchNotes(named, onNote);
    const path = await fetchWeights(named, { ...download, ...(onProgress && { onProgress }) });
    return published(named, readWeights(await readBytes(path, { links: 'follow', who: 'weights' })));
  }
  if (!isThere(source)) {
    throw new UsageError(
      `weights: '${source}' must be a file, a run folder or a name, got nothing there. \`resnet weights\` lists the names.${didYouMean(source, [...publishedWeights.keys()])}`,
      { option: 'weights' },
    );
  }
  return statSync(source).isDirectory() ? ofRun(source) : ofFile(source, model, key);
}

/** A line for each tenth of a download. */
function fetchNotes({ name, megabytes }: PublishedWeights, onNote: OnNote): FetchWeightsOptions['onProgress'] {
  const say = changesOf(onNote);
  return ({ done, total }) => say(`weights: ${name}, ${10 * Math.floor((10 * done) / total)} % of ${megabytes} MB`);
}

const published = ({ model, classes, preprocessing, source }: PublishedWeights, weights: NamedWeights): Pretrained => ({
  weights,
  model,
  classes,
  preprocessing,
  known: `published weights (${source})`,
});

async function ofRun(directory: string): Promise<Pretrained> {
  const run = loadRun(directory);
  const { classes, preprocessing } = preparedOf(run);
  const file = run.weights ?? unfinished(directory, 'must be a finished run, got no weights.safetensors');
  const weights = readWeights(await readBytes(file, { links: 'refuse', who: 'weights' }));
  return { weights, model: run.recipe.model, classes, preprocessing, known: `the run in ${directory}` };
}

async function ofFile(path: string, model: RecipeModel | undefined, key: string | undefined): Promise<Pretrained> {
  const bytes = await readBytes(path, { links: 'follow', who: 'weights' });
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  const weights = readWeights(bytes, key === undefined ? {} : { key });
  const known = [...publishedWeights.values()].find((one) => sha256.startsWith(one.sha256));
  if (known) return { ...published(known, weights), ...(model && { model }) };
  const said = bytes[8] === 0x7b ? fromMetadata(parseSafetensors(bytes).metadata) : {};
  if (said.model && said.preprocessing) {
    const { classes = null, preprocessing } = said;
    return { weights, model: model ?? said.model, classes, preprocessing, known: 'what the file says of itself' };
  }
  return ofShapes(weights, model ?? said.model);
}

/** A net for photographs is taken for one of torchvision's; how CIFAR nets were preprocessed differs from one author to the next. */
function ofShapes(weights: NamedWeights, given: RecipeModel | undefined): Pretrained {
  const { name, options, family, classes } = networkOfShapes(weights);
  const model = given ?? { name, ...options };
  const known = `names and shapes of the weights: ${model.name}`;
  if (family === 'cifar') return { weights, model, classes: null, preprocessing: null, known };
  return {
    weights,
    model,
    classes: classes === imagenetClasses.length ? imagenetClasses : null,
    preprocessing: torchvisionPreprocessing,
    known: `${known}, preprocessed as torchvision does`,
  };
}

/** What torchvision's weights were evaluated with. */
const torchvisionPreprocessing: Preprocessing = {
  imageSize: 224,
  shorterSide: shorterSideFor(224),
  mean: [...imagenetStatistics.mean],
  std: [...imagenetStatistics.std],
};
