import type { Size } from '@resnet/augment';

/** What a JPEG file's headers say of its image. */
export interface JpegFrame extends Size {
  /** Components of a pixel: 1 for gray, 3 for color, 4 for inks. */
  readonly components: number;
}

/**
 * What the frame header of a JPEG file says; null where it has none, or where the file is not whole: without an end mark behind the
 * scan, so that damage shows wherever the part that is decoded ends.
 */
export function jpegFrame(bytes: Uint8Array): JpegFrame | null {
  let frame: JpegFrame | null = null;
  for (let at = 2; bytes[0] === 0xff && bytes[1] === MARKER.start && at + 9 < bytes.length; ) {
    const marker = bytes[at + 1]!;
    if (bytes[at] !== 0xff) return null;
    if (marker === 0xff) {
      at++; // padding
      continue;
    }
    if (marker === MARKER.scan) {
      return frame && frame.height > 0 && frame.width > 0 && isWhole(bytes, at) ? frame : null;
    }
    if (isFrame(marker)) {
      frame = { height: uint16(bytes, at + 5), width: uint16(bytes, at + 7), components: bytes[at + 9]! };
    }
    at += 2 + uint16(bytes, at + 2);
  }
  return null;
}

const MARKER = { start: 0xd8, end: 0xd9, scan: 0xda };

/** Frame headers are 0xc0 to 0xcf but for Huffman tables, an extension and arithmetic coding conditions. */
const isFrame = (marker: number): boolean =>
  marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc;

const uint16 = (bytes: Uint8Array, at: number): number => (bytes[at]! << 8) | bytes[at + 1]!;

/** Within a scan, 0xff is followed by 0 or a restart mark: an end mark behind its start is the image's. */
function isWhole(bytes: Uint8Array, scan: number): boolean {
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return view.lastIndexOf(Buffer.of(0xff, MARKER.end)) > scan;
}
