import type { Image } from '@resnet/augment';
import sharp from 'sharp';
import { type AugmentRecipe, resolveAugment } from './augment-recipe';
import type { Dataset } from './dataset';
import { MAX_PIXELS } from './decode';
import { LETTER, letters } from './lettering';
import { seededRandom } from './random';

/** What a preview shows. */
export interface PreviewOptions {
  /** Makes the samples; without it only originals are shown. */
  readonly augment?: AugmentRecipe;
  /** Rows; classes take turns. Default 10. */
  readonly rows?: number;
  /** Augmented samples beside each original. Default 8. */
  readonly samples?: number;
  /** Default 0. Sample `n` is what training sees in epoch `n` of this seed. */
  readonly seed?: number;
  /** Of the picture's file. Default `png`. */
  readonly format?: 'png' | 'jpeg' | 'webp';
}

/** Longest side of a picture; small images are enlarged by a whole factor up to it. */
const CELL = 96;
const GAP = 4;
const TEXT = 2;
const PAPER = 255;
const INK = 40;

/**
 * A grid: a row an image, with its class's name, the original, then augmented samples.
 *
 * @returns The bytes of the picture's file.
 * @throws RangeError where the picture would have more than 100 million pixels.
 */
export async function previewDataset(dataset: Dataset, options: PreviewOptions = {}): Promise<Buffer> {
  const { rows = 10, samples = 8, seed = 0, format = 'png' } = options;
  const augment = options.augment === undefined ? null : await resolveAugment(options.augment);
  const chosen = chooseRows(dataset, rows);
  const longest = Math.max(8, ...chosen.map((i) => dataset.classes[dataset.label(i)]!.length));
  const labelWidth = longest * LETTER.width * TEXT + 2 * GAP;
  const headHeight = LETTER.height * TEXT + 2 * GAP;
  const width = labelWidth + (1 + samples) * (CELL + GAP);
  const height = headHeight + chosen.length * (CELL + GAP);
  requireDrawable(width, height, chosen.length, samples);
  const canvas = blankCanvas(width, height);
  canvas.write('original', labelWidth, GAP);
  if (samples > 0 && augment) canvas.write('augmented', labelWidth + CELL + GAP, GAP);
  for (const [row, i] of chosen.entries()) {
    const { image, label } = await dataset.read(i);
    const top = headHeight + row * (CELL + GAP);
    canvas.write(dataset.classes[label]!, GAP, top + (CELL - LETTER.height * TEXT) / 2);
    const pictures = [
      image,
      ...Array.from({ length: augment ? samples : 0 }, (_, n) => augment!(image, seededRandom(seed, n, i))),
    ];
    for (const [column, picture] of pictures.entries()) {
      canvas.place(await fitted(picture), labelWidth + column * (CELL + GAP), top);
    }
  }
  return canvas.file(format);
}

function requireDrawable(width: number, height: number, rows: number, samples: number): void {
  if (width * height <= MAX_PIXELS) return;
  throw new RangeError(
    `previewDataset: the picture must have at most ${MAX_PIXELS} pixels, got ${width} × ${height} for ${rows} rows of ${samples} samples. Ask for fewer.`,
  );
}

/** The first images of each class in turn. */
function chooseRows(dataset: Dataset, rows: number): number[] {
  const perClass = Math.ceil(rows / dataset.classes.length);
  const found: number[][] = dataset.classes.map(() => []);
  for (let i = 0; i < dataset.length; i++) {
    const members = found[dataset.label(i)]!;
    if (members.length < perClass) members.push(i);
  }
  const turns = Array.from({ length: perClass }, (_, turn) =>
    found.flatMap((members) => members.slice(turn, turn + 1)),
  );
  return turns.flat().slice(0, rows);
}

/** As RGB bytes no larger than a cell. */
async function fitted({ data, height, width, channels }: Image): Promise<Image> {
  const bytes = data instanceof Uint8Array ? data : Uint8ClampedArray.from(data, (value) => 255 * value);
  const factor = CELL / Math.max(height, width);
  const scale = factor > 1 ? Math.floor(factor) : factor;
  const { data: pixels, info } = await sharp(Buffer.from(bytes), {
    raw: { height, width, channels: rawChannels(channels) },
  })
    .toColourspace('srgb')
    .resize(Math.max(1, Math.round(width * scale)), Math.max(1, Math.round(height * scale)), {
      fit: 'fill',
      kernel: scale > 1 ? 'nearest' : 'lanczos3',
    })
    .removeAlpha()
    .raw()
    .toBuffer({ resolveWithObject: true });
  return { data: pixels, height: info.height, width: info.width, channels: info.channels };
}

function rawChannels(channels: number): 1 | 3 {
  if (channels === 1 || channels === 3) return channels;
  throw new RangeError(`previewDataset: images must have 1 or 3 channels, got ${channels}. Convert them in augment.`);
}

/** Paper to write and paint on. */
function blankCanvas(width: number, height: number) {
  const pixels = Buffer.alloc(width * height * 3, PAPER);
  return {
    write: (text: string, left: number, top: number) => {
      for (const [x, y] of letters(text, TEXT))
        pixels.fill(INK, ((top + y) * width + left + x) * 3, ((top + y) * width + left + x) * 3 + 3);
    },
    place: (image: Image, left: number, top: number) => {
      const row = image.width * image.channels;
      for (let y = 0; y < image.height; y++)
        pixels.set(image.data.subarray(y * row, (y + 1) * row), ((top + y) * width + left) * 3);
    },
    file: (format: 'png' | 'jpeg' | 'webp') =>
      sharp(pixels, { raw: { width, height, channels: 3 } })
        .toFormat(format)
        .toBuffer(),
  };
}
