import { decodeImage } from '@resnet/data';
import { type ClassProbability, type ImagePredictorOptions, imagePredictor } from '@resnet/experiments';
import { printable, readBytes } from '@resnet/files';
import { print, printJson } from '../output';
import { type NetworkFlags, openNetwork } from './network';

/** Flags of `resnet predict`. */
export interface PredictFlags extends NetworkFlags, ImagePredictorOptions {
  top: number;
  json?: boolean;
}

/** `resnet predict`. */
export async function predict(files: string[], flags: PredictFlags): Promise<void> {
  const predictor = await imagePredictor(await openNetwork(flags), flags);
  const predictions: { image: string; predictions: ClassProbability[] }[] = [];
  for (const file of files) {
    const image = await decodeImage(await readBytes(file, { links: 'follow', who: 'predict' }), file);
    predictions.push({ image: file, predictions: await predictor.predict(image, flags.top) });
  }
  if (flags.json) return printJson(predictions);
  for (const { image, predictions: classes } of predictions) {
    print(printable(image));
    for (const each of classes)
      print(`  ${(100 * each.probability).toFixed(1).padStart(5)} %  ${printable(each.class)}`);
  }
}
