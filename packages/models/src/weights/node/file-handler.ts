import { basename, dirname, extname, join } from 'node:path';
import { makeFolder, readBytes, readText, requireFolder, writeTogether } from '@resnet/files';
import * as tf from '@tensorflow/tfjs';
import { WeightFileError } from '../errors';
import { parseModelJson, requireSize, sizeOf } from './model-json';

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
  const trust = { links: 'follow', who: 'modelFileHandler' } as const;
  const bytes = new Uint8Array(tf.io.CompositeArrayBuffer.join(weightData));
  await makeFolder(dirname(file), trust);
  // The weights first, so that model.json never names what is not there.
  await writeTogether(
    [
      [join(dirname(file), weights), bytes],
      [file, JSON.stringify(json)],
    ],
    trust,
  );
  return { modelArtifactsInfo: tf.io.getModelArtifactsInfoForJSON(artifacts) };
}

async function load(file: string): Promise<tf.io.ModelArtifacts> {
  const json = parseModelJson(file, await readText(file, { links: 'follow', who: 'modelFileHandler' }));
  return tf.io.getModelArtifactsForJSON(json, async (manifest) => {
    const specs = tf.io.getWeightSpecs(manifest);
    const data = await readShards(
      file,
      manifest.flatMap(({ paths }) => paths),
      sizeOf(specs),
    );
    requireSize(file, specs, data);
    return [specs, data.buffer];
  });
}

/**
 * The shards one behind the other, each read when the one before is closed.
 *
 * @param size Bytes of all; null where it is not known before.
 */
async function readShards(
  file: string,
  names: readonly string[],
  size: number | null,
): Promise<Uint8Array<ArrayBuffer>> {
  const shards: Uint8Array<ArrayBuffer>[] = [];
  let length = 0;
  for (const name of names) {
    const shard = await readShard(dirname(file), name, size === null ? undefined : size - length);
    length += shard.length;
    shards.push(shard);
  }
  const all = new Uint8Array(length);
  let at = 0;
  for (const shard of shards) {
    all.set(shard, at);
    at += shard.length;
  }
  return all;
}

/** A model.json from elsewhere must not make us read other files than its own, by its words or by links beside it. */
async function readShard(folder: string, name: string, maxBytes: number | undefined): Promise<Uint8Array<ArrayBuffer>> {
  const trust = { links: 'hard', who: 'modelFileHandler' } as const;
  const parts = name.split(/[\\/]/).filter((part) => part !== '.');
  if (
    parts.length === 0 ||
    parts.some((part) => part === '' || part === '..' || part.includes('\0')) ||
    /^[a-z]:/i.test(name)
  ) {
    throw new WeightFileError(
      `modelFileHandler: weights must lie beside their model.json, got ${JSON.stringify(name)}.`,
    );
  }
  for (let depth = 1; depth < parts.length; depth++) await requireFolder(join(folder, ...parts.slice(0, depth)), trust);
  return readBytes(join(folder, ...parts), { ...trust, ...(maxBytes !== undefined && { maxBytes }) });
}
