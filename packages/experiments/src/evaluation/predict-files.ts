import { decodeImage } from '@resnet/data';
import { readBytes } from '@resnet/files';
import type { ClassProbability, ImagePredictor } from './predict';
import type { Image } from './single-view';

/** What became of a file. */
export type FilePrediction =
  | {
      /** Path of the file. */
      readonly image: string;
      /** The most probable classes, the most probable first. */
      readonly predictions: readonly ClassProbability[];
    }
  | {
      /** Path of the file. */
      readonly image: string;
      /** Why there is no answer. */
      readonly error: string;
    };

/** Settings of {@link predictFiles}. */
export interface PredictFilesOptions {
  /** Classes per image. Default: 5. */
  top?: number;
  /** Images that are decoded and run together. Default: 16. */
  batch?: number;
}

/** Predicts the classes of image files, in order. A file that cannot be read or decoded is reported, and the others are answered. */
export async function* predictFiles(
  predictor: ImagePredictor,
  files: readonly string[],
  { top, batch = 16 }: PredictFilesOptions = {},
): AsyncGenerator<FilePrediction> {
  for (let start = 0; start < files.length; start += batch) {
    const opened = await Promise.all(files.slice(start, start + batch).map(open));
    const images = opened.flatMap((file) => ('decoded' in file ? [file.decoded] : []));
    const answers = (await predictor.predictAll(images, top)).values();
    for (const file of opened) {
      yield 'error' in file ? file : { image: file.image, predictions: answers.next().value! };
    }
  }
}

type Opened = { image: string; decoded: Image } | { image: string; error: string };

async function open(image: string): Promise<Opened> {
  try {
    return { image, decoded: await decodeImage(await readBytes(image, { links: 'follow', who: 'predict' }), image) };
  } catch (error) {
    return { image, error: error instanceof Error ? error.message : String(error) };
  }
}
