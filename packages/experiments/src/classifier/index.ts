import { statSync } from 'node:fs';
import { join } from 'node:path';
import { decodeImage } from '@resnet/data';
import { isThere, readBytes } from '@resnet/files';
import { modelFileHandler } from '@resnet/models/node';
import * as tf from '@tensorflow/tfjs';
import { UsageError } from '../errors';
import type { Image } from '../evaluation/single-view';
import { networkOfRun, networkOfWeights, type TrainedNetwork } from '../evaluation/trained-network';
import type { OnNote } from '../note';
import { loadRun } from '../run/saved-run';
import { startBackend } from '../run/start-backend';
import { fromMetadata } from '../weights/metadata';
import { type Classifier, classifierOf } from './classify';

export type { Classification, Classifier } from './classify';

/** What is classified in Node: a path, the bytes of a PNG, JPEG or WebP file, or pixels. */
export type ImageSource = string | Uint8Array | Image;

/** Settings of {@link loadClassifier}. */
export interface LoadClassifierOptions {
  /** A backend of `@resnet/backend`. Default: the one that is in use, else the fastest here. */
  backend?: string;
  /** Receives the progress of a download. */
  onNote?: OnNote;
}

/**
 * Loads a trained network and all that is needed to classify images with it.
 *
 * @param source A run folder, a folder that `resnet export --format tfjs` wrote, a weight file that says its preprocessing, or a name that
 *   `resnet weights` lists.
 * @throws UsageError for a run that has not finished, and for a network whose preprocessing nobody tells.
 */
export async function loadClassifier(
  source: string,
  { backend, onNote }: LoadClassifierOptions = {},
): Promise<Classifier<ImageSource>> {
  if (backend !== undefined || !tf.engine().backendName) await startBackend({ backend });
  const exported = exportedModel(source);
  if (exported) return ofExported(exported);
  const isRun = isThere(join(source, 'recipe.json'));
  return ofNetwork(
    source,
    isRun ? networkOfRun(loadRun(source, onNote)) : await networkOfWeights(source, { ...(onNote && { onNote }) }),
  );
}

/** Path of a `model.json`; null where there is none. */
function exportedModel(source: string): string | null {
  const inside = join(source, 'model.json');
  if (isThere(inside)) return inside;
  return source.endsWith('.json') && isThere(source) && statSync(source).isFile() ? source : null;
}

async function ofExported(file: string): Promise<Classifier<ImageSource>> {
  const model = await tf.loadLayersModel(modelFileHandler(file));
  const { classes = null, preprocessing } = fromMetadata(model.getUserDefinedMetadata() ?? {});
  if (preprocessing) return classifierOf({ model, labels: classes, preprocessing, pixelsOf });
  throw noPreprocessing(file);
}

async function ofNetwork(source: string, network: TrainedNetwork): Promise<Classifier<ImageSource>> {
  const { preprocessing, classes: labels, make } = network;
  if (!preprocessing) throw noPreprocessing(source);
  return classifierOf({ model: await make(preprocessing.imageSize), labels, preprocessing, pixelsOf });
}

const noPreprocessing = (source: string): UsageError =>
  new UsageError(
    `loadClassifier: ${source} must say how images are preprocessed, got nothing of it. Use a run folder, or what \`resnet export --run\` writes.`,
  );

async function pixelsOf(source: ImageSource): Promise<Image> {
  if (typeof source === 'string') {
    return decodeImage(await readBytes(source, { links: 'follow', who: 'classify' }), source);
  }
  return source instanceof Uint8Array ? decodeImage(source, 'an image') : source;
}
