import { type SubjectFlags, subjectOf } from '@resnet/experiments';
import { writeDurably } from '@resnet/files';
import { exportSafetensors, toOnnx, toStandardLayers } from '@resnet/models';
import { modelFileHandler } from '@resnet/models/node';
import type * as tf from '@tensorflow/tfjs';
import { UsageError } from '../errors';
import { print, printJson } from '../output';

/** What the command line gives. */
export interface ExportFlags extends SubjectFlags {
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
  const subject = await subjectOf(flags);
  const imageSize = flags.imageSize ?? subject.preprocessing?.imageSize ?? null;
  const model = await subject.network(imageSize);
  await write(model, flags);
  const { classes, preprocessing } = subject;
  if (json) return printJson({ format, out, model: subject.model, imageSize, classes, preprocessing });
  print(`${subject.model} as ${format}: ${out}`);
}

async function write(model: tf.LayersModel, { format, out, fold = false }: ExportFlags): Promise<void> {
  if (format === 'tfjs') return void (await toStandardLayers(model, { fold }).save(modelFileHandler(out)));
  const bytes = format === 'onnx' ? await toOnnx(model) : await exportSafetensors(model);
  await writeDurably(out, bytes, { links: 'follow' });
}
