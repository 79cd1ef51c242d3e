import { mkdir, readFile } from 'node:fs/promises';
import { basename, dirname, extname, isAbsolute, join, relative } from 'node:path';
import * as tf from '@tensorflow/tfjs';
import { WeightFileError } from '../errors';
import { writeFileWhole } from './write-file';

/**
 * Saves and loads TensorFlow.js models as files, which plain `@tensorflow/tfjs` cannot do in Node:
 * `model.save(fileHandler('net'))` writes `net/model.json` and `net/weights.bin`, `tf.loadLayersModel(fileHandler('net'))`
 * reads them, and what the usual converters write (several shards).
 *
 * @param path A folder, made if need be, or a `.json` file in it.
 * @throws WeightFileError where the files do not belong together or would lie outside of their folder.
 */
export function modelFileHandler(path: string): tf.io.IOHandler {
  const file = extname(path) === '.json' ? path : join(path, 'model.json');
  return { save: (artifacts) => save(file, artifacts), load: () => load(file) };
}

async function save(file: string, artifacts: tf.io.ModelArtifacts): Promise<tf.io.SaveResult> {
  const { modelTopology, weightSpecs = [], weightData, getWeightStream: _, ...rest } = artifacts;
  if (!modelTopology || modelTopology instanceof ArrayBuffer) {
    throw new WeightFileError(
      'modelFileHandler: a model must have its topology as JSON, got none. Save a layers model.',
    );
  }
  const name = basename(file, '.json');
  const weights = name === 'model' ? 'weights.bin' : `${name}.weights.bin`;
  const json: tf.io.ModelJSON = {
    ...rest,
    modelTopology,
    weightsManifest: [{ paths: [weights], weights: weightSpecs }],
  };
  await mkdir(dirname(file), { recursive: true });
  // The weights first, so that model.json never names what is not there.
  await writeFileWhole(join(dirname(file), weights), new Uint8Array(tf.io.CompositeArrayBuffer.join(weightData)));
  await writeFileWhole(file, JSON.stringify(json));
  return { modelArtifactsInfo: tf.io.getModelArtifactsInfoForJSON(artifacts) };
}

async function load(file: string): Promise<tf.io.ModelArtifacts> {
  const json = await readModelJson(file);
  return tf.io.getModelArtifactsForJSON(json, async (manifest) => {
    const specs = tf.io.getWeightSpecs(manifest);
    const paths = manifest.flatMap((group) => group.paths).map((path) => inside(dirname(file), path));
    const data = tf.io.CompositeArrayBuffer.join(await Promise.all(paths.map(readBuffer)));
    checkSize(file, specs, data.byteLength);
    return [specs, data];
  });
}

async function readModelJson(file: string): Promise<tf.io.ModelJSON> {
  const text = await readFile(file, 'utf8');
  const json = parseObject(text);
  if (json?.modelTopology && Array.isArray(json.weightsManifest)) return json;
  throw new WeightFileError(
    `modelFileHandler: ${file} must be a TensorFlow.js model.json, got ${JSON.stringify(text.slice(0, 40))}. Check the path.`,
  );
}

function parseObject(text: string): tf.io.ModelJSON | null {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** A model.json from elsewhere must not make us read other files than its own. */
function inside(folder: string, path: string): string {
  const absolute = join(folder, path);
  const way = relative(folder, absolute);
  if (way !== '' && !way.startsWith('..') && !isAbsolute(way)) return absolute;
  throw new WeightFileError(`modelFileHandler: weights must lie beside their model.json, got ${JSON.stringify(path)}.`);
}

async function readBuffer(path: string): Promise<ArrayBuffer> {
  const { buffer, byteOffset, byteLength } = await readFile(path);
  return (buffer as ArrayBuffer).slice(byteOffset, byteOffset + byteLength);
}

const widths: Readonly<Record<string, number>> = {
  float32: 4,
  int32: 4,
  bool: 1,
  complex64: 8,
  float16: 2,
  uint16: 2,
  uint8: 1,
};

function checkSize(file: string, specs: readonly tf.io.WeightsManifestEntry[], got: number): void {
  if (specs.some(({ dtype }) => dtype === 'string')) return; // their length stands in the data
  const bytes = specs.map(({ shape, dtype, quantization }) => {
    return shape.reduce((product, size) => product * size, 1) * (widths[quantization?.dtype ?? dtype] ?? Number.NaN);
  });
  const expected = bytes.reduce((sum, size) => sum + size, 0);
  if (expected === got) return;
  throw new WeightFileError(
    `modelFileHandler: the weights of ${file} must have ${expected} bytes, got ${got}. Are its files complete and of one model?`,
  );
}
