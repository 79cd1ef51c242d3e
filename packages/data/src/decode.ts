import type { Image } from '@resnet/augment';
import sharp from 'sharp';
import { BrokenImageError } from './errors';

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
export async function decodeImage(bytes: Uint8Array, file: string, maxPixels = MAX_PIXELS): Promise<Image> {
  if (!isImage(bytes)) throw new BrokenImageError(file, 'a file that starts like none of these');
  try {
    const { data, info } = await sharp(bytes, { limitInputPixels: maxPixels, failOn: 'error', ignoreIcc: true })
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
