import { type NetworkDescription, toMetadata } from '@resnet/experiments';
import { writeDurably } from '@resnet/files';
import { exportSafetensors, toOnnx, toStandardLayers } from '@resnet/models';
import { modelFileHandler } from '@resnet/models/node';
import type * as tf from '@tensorflow/tfjs';
import type { exportFormats } from '../commands/options';
import { UsageError } from '../errors';
import { print, printJson } from '../output';
import { type NetworkFlags, openNetwork } from './network';

/** Flags of `resnet export`. */
export interface ExportFlags extends NetworkFlags {
  format: (typeof exportFormats)[number];
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
  await write(await network.make(imageSize), network, flags);
  if (json) return printJson({ format, out, model: name, imageSize, classes, preprocessing });
  print(`${name} as ${format}: ${out}`);
}

/** Class names and preprocessing go with the network, so that the file is enough to use it. */
async function write(
  model: tf.LayersModel,
  network: NetworkDescription,
  { format, out, fold = false }: ExportFlags,
): Promise<void> {
  const metadata = toMetadata(network);
  if (format === 'tfjs') {
    const standard = toStandardLayers(model, { fold });
    standard.setUserDefinedMetadata(metadata);
    await standard.save(modelFileHandler(out));
    return;
  }
  const bytes = format === 'onnx' ? await toOnnx(model, { metadata }) : await exportSafetensors(model, metadata);
  await writeDurably(out, bytes, { links: 'follow' });
}
