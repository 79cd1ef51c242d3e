import { crop, type Image, type Size } from '@resnet/augment';
import sharp from 'sharp';
import { BrokenImageError } from './errors';
import { jpegSize } from './image-size';

/** Larger images are refused before a pixel is decoded: 100 million, a 300 MB bitmap. */
export const MAX_PIXELS = 100_000_000;

/**
 * Decodes a PNG, JPEG or WebP image to RGB bytes, as Pillow's `convert('RGB')` does: no color management, no rotation by EXIF,
 * an alpha channel dropped, gray repeated.
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
  const size = jpegSize(bytes);
  if (size) {
    const choice = choose(size);
    return { image: await decode(bytes, file, maxPixels, choice.region), choice };
  }
  const whole = await decodeImage(bytes, file, maxPixels);
  const choice = choose(whole);
  return { image: crop(whole, choice.region), choice };
}

async function decode(bytes: Uint8Array, file: string, maxPixels: number, region: Region | null): Promise<Image> {
  if (!isImage(bytes)) throw new BrokenImageError(file, 'a file that starts like none of these');
  try {
    const whole = sharp(bytes, { limitInputPixels: maxPixels, failOn: 'error', ignoreIcc: true });
    const { data, info } = await (region ? whole.extract({ ...region }) : whole)
      .toColourspace('srgb')
      .removeAlpha()
      .raw()
      .toBuffer({ resolveWithObject: true });
    return { data, height: info.height, width: info.width, channels: info.channels };
  } catch (error) {
    throw new BrokenImageError(file, reason(error, maxPixels));
  }
}

const reason = (error: unknown, maxPixels: number): string => {
  const message = error instanceof Error ? error.message : String(error);
  return /pixel limit/.test(message) ? `more than ${maxPixels} pixels` : `a damaged one (${message.split('\n')[0]})`;
};

/** By their first bytes, so that sharp is given nothing but these three formats. */
function isImage(bytes: Uint8Array): boolean {
  const starts = (...magic: number[]) => magic.every((byte, i) => bytes[i] === byte);
  const text = (from: number, to: number) => String.fromCharCode(...bytes.subarray(from, to));
  return (
    starts(0xff, 0xd8, 0xff) || starts(0x89, 0x50, 0x4e, 0x47) || (text(0, 4) === 'RIFF' && text(8, 12) === 'WEBP')
  );
}
