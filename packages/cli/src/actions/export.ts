import { writeDurably } from '@resnet/files';
import { exportSafetensors, toOnnx, toStandardLayers } from '@resnet/models';
import { modelFileHandler } from '@resnet/models/node';
import type * as tf from '@tensorflow/tfjs';
import { UsageError } from '../errors';
import { print, printJson } from '../output';
import { type NetworkFlags, openNetwork } from './network';

/** Flags of `resnet export`. */
export interface ExportFlags extends NetworkFlags {
  format: 'onnx' | 'safetensors' | 'tfjs';
  out: string;
  imageSize?: number;
  fold?: boolean;
  json?: boolean;
}

/** `resnet export`. */
export async function exportModel(flags: ExportFlags): Promise<void> {
  const { format, out, json } = flags;
  if (flags.fold && format !== 'tfjs') {
    throw new UsageError(`export: --fold is for --format tfjs, got ${format}. Leave it out.`);
  }
  const network = await openNetwork(flags);
  const { name, classes, preprocessing } = network;
  const imageSize = flags.imageSize ?? preprocessing?.imageSize ?? null;
  await write(await network.make(imageSize), flags);
  if (json) return printJson({ format, out, model: name, imageSize, classes, preprocessing });
  print(`${name} as ${format}: ${out}`);
}

async function write(model: tf.LayersModel, { format, out, fold = false }: ExportFlags): Promise<void> {
  if (format === 'tfjs') return void (await toStandardLayers(model, { fold }).save(modelFileHandler(out)));
  const bytes = format === 'onnx' ? await toOnnx(model) : await exportSafetensors(model);
  await writeDurably(out, bytes, { links: 'follow' });
}
