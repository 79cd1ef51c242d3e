import { crop, type Image, type Size } from '@resnet/augment';
import sharp, { type Sharp } from 'sharp';
import { cmykToRgb } from './cmyk';
import { BrokenImageError } from './errors';
import { formatOf } from './image-formats';
import { jpegFrame } from './jpeg-frame';

/** Larger images are refused before a pixel is decoded: 100 million, a 300 MB bitmap. */
export const MAX_PIXELS = 100_000_000;

/**
 * Decodes a PNG, JPEG, WebP, GIF, TIFF or AVIF image, of several the first, to RGB bytes, as Pillow's `convert('RGB')` does: no color
 * management, no rotation by EXIF, an alpha channel dropped, gray repeated, inks (CMYK, YCCK) without a profile. Of 16 bits the
 * upper 8 are taken, as PNG's specification has it (§13.12); Pillow cuts 16-bit gray off at 255.
 *
 * @param file Its name, for messages.
 * @returns Shape `[height, width, 3]`.
 * @throws BrokenImageError where it is none of these, is damaged, ends early or is too large.
 */
export const decodeImage = (bytes: Uint8Array, file: string, maxPixels = MAX_PIXELS): Promise<Image> =>
  decode(bytes, file, maxPixels, null);

/** A rectangle of an image, inside it. */
export interface Region extends Size {
  /** Its first row. */
  readonly top: number;
  /** Its first column. */
  readonly left: number;
}

/** Names the part of an image to decode. */
export interface RegionChoice {
  /** What of the image is decoded. */
  readonly region: Region;
}

/** A decoded part of an image. */
export interface DecodedRegion<Choice extends RegionChoice> {
  /** The pixels of the part. */
  readonly image: Image;
  /** What named it. */
  readonly choice: Choice;
}

/**
 * Decodes the part of an image that `choose` takes when it knows the whole image's size: the same pixels as `decodeImage` has there.
 * Of a JPEG file, rows below the part are not decoded, so that damage there is not seen; that the file is whole is checked.
 *
 * @returns The part, and what `choose` gave.
 * @throws BrokenImageError as `decodeImage` does.
 */
export async function decodeRegion<Choice extends RegionChoice>(
  bytes: Uint8Array,
  file: string,
  choose: (size: Size) => Choice,
  maxPixels = MAX_PIXELS,
): Promise<DecodedRegion<Choice>> {
  const size = jpegFrame(bytes);
  if (size) {
    const choice = choose(size);
    return { image: await decode(bytes, file, maxPixels, choice.region), choice };
  }
  const whole = await decodeImage(bytes, file, maxPixels);
  const choice = choose(whole);
  return { image: crop(whole, choice.region), choice };
}

async function decode(bytes: Uint8Array, file: string, maxPixels: number, region: Region | null): Promise<Image> {
  // By its first bytes, so that sharp is given nothing but these formats.
  const format = formatOf(bytes);
  if (!format) throw new BrokenImageError(file, 'a file that starts like none of these');
  try {
    const whole = sharp(bytes, { limitInputPixels: maxPixels, failOn: 'error', ignoreIcc: true });
    const part = region ? whole.extract({ ...region }) : whole;
    const inks = await isInk(bytes, format, whole);
    const { data, info } = await (inks
      ? part.pipelineColourspace('cmyk').toColourspace('cmyk')
      : part.toColourspace('srgb').removeAlpha()
    )
      .raw()
      .toBuffer({ resolveWithObject: true });
    const size = { height: info.height, width: info.width, channels: 3 };
    return { ...size, data: inks ? cmykToRgb(data) : data };
  } catch (error) {
    throw new BrokenImageError(file, reason(error, maxPixels));
  }
}

/** Whether an image is of cyan, magenta, yellow and black. JPEG files of four components are, and are decoded as Adobe's, inverted ones. */
const isInk = async (bytes: Uint8Array, format: string, image: Sharp): Promise<boolean> =>
  format === 'jpg' ? jpegFrame(bytes)?.components === 4 : format === 'tif' && (await image.metadata()).space === 'cmyk';

const reason = (error: unknown, maxPixels: number): string => {
  const message = error instanceof Error ? error.message : String(error);
  return /pixel limit/.test(message) ? `more than ${maxPixels} pixels` : `a damaged one (${message.split('\n')[0]})`;
};
