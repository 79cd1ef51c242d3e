import * as tf from '@tensorflow/tfjs';
import type { Image } from '../evaluation/single-view';
import { fromMetadata } from '../weights/metadata';
import { type Classifier, classifierOf } from './classify';

export type { Classification, Classifier } from './classify';

/** What is classified in browsers: a URL, the bytes of an image file, or anything that can be drawn. */
export type ImageSource =
  | string
  | URL
  | Blob
  | ImageData
  | ImageBitmap
  | HTMLImageElement
  | HTMLCanvasElement
  | HTMLVideoElement;

/**
 * Loads a network that `resnet export --format tfjs` wrote, on TensorFlow.js's backend, to classify images as the run did.
 *
 * @param source URL of its folder or `model.json`.
 * @throws TypeError for a model that does not say how its images are preprocessed.
 */
export async function loadClassifier(source: string | URL): Promise<Classifier<ImageSource>> {
  await tf.ready();
  const url = String(source);
  const model = await tf.loadLayersModel(url.endsWith('.json') ? url : `${url.replace(/\/$/, '')}/model.json`);
  const { classes = null, preprocessing } = fromMetadata(model.getUserDefinedMetadata() ?? {});
  if (preprocessing) return classifierOf({ model, labels: classes, preprocessing, pixelsOf });
  model.dispose();
  throw new TypeError(
    `loadClassifier: ${url} must say how images are preprocessed, got nothing of it. Export it from a run: resnet export --run DIR --format tfjs.`,
  );
}

/** As Node's decoder has them: no rotation by EXIF, no conversion of colors, alpha dropped. */
const asStored = { imageOrientation: 'none', colorSpaceConversion: 'none', premultiplyAlpha: 'none' } as const;

async function pixelsOf(source: ImageSource): Promise<Image> {
  if (source instanceof ImageData) return withoutAlpha(source);
  if (source instanceof Blob) return drawn(await createImageBitmap(source, asStored));
  if (typeof source !== 'string' && !(source instanceof URL)) return drawn(source);
  const response = await fetch(source);
  if (response.ok) return drawn(await createImageBitmap(await response.blob(), asStored));
  throw new TypeError(`classify: ${source} must be an image, got HTTP status ${response.status}. Check the URL.`);
}

type Drawable = Exclude<ImageSource, string | URL | Blob | ImageData>;

/** An image element is drawn at the size of its file, whatever size the page gives it. */
function drawn(source: Drawable): Image {
  const { width, height } = sizeOf(source);
  const canvas = new OffscreenCanvas(width, height);
  const context = canvas.getContext('2d', { willReadFrequently: true })!;
  context.drawImage(source, 0, 0, width, height);
  return withoutAlpha(context.getImageData(0, 0, width, height));
}

function sizeOf(source: Drawable): { width: number; height: number } {
  if (source instanceof HTMLImageElement) return { width: source.naturalWidth, height: source.naturalHeight };
  if (source instanceof HTMLVideoElement) return { width: source.videoWidth, height: source.videoHeight };
  return source;
}

function withoutAlpha({ data, width, height }: ImageData): Image {
  const rgb = new Uint8Array(3 * width * height);
  for (let pixel = 0; pixel < width * height; pixel++) {
    rgb.set(data.subarray(4 * pixel, 4 * pixel + 3), 3 * pixel);
  }
  return { data: rgb, width, height, channels: 3 };
}
