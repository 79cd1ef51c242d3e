/** A kind of image files that is decoded. */
interface ImageFormat {
  /** As people call it. */
  readonly name: string;
  /** How its files' names end, the usual one first. */
  readonly extensions: readonly string[];
  /** Whether a file begins as this one does. */
  starts(bytes: Uint8Array): boolean;
}

const text = (bytes: Uint8Array, from: number, to: number): string => String.fromCharCode(...bytes.subarray(from, to));

const begins =
  (...magic: readonly number[]) =>
  (bytes: Uint8Array): boolean =>
    magic.every((byte, i) => bytes[i] === byte);

const formats: readonly ImageFormat[] = [
  { name: 'PNG', extensions: ['png'], starts: begins(0x89, 0x50, 0x4e, 0x47) },
  { name: 'JPEG', extensions: ['jpg', 'jpeg', 'jpe', 'jfif'], starts: begins(0xff, 0xd8, 0xff) },
  {
    name: 'WebP',
    extensions: ['webp'],
    starts: (bytes) => text(bytes, 0, 4) === 'RIFF' && text(bytes, 8, 12) === 'WEBP',
  },
  { name: 'GIF', extensions: ['gif'], starts: begins(0x47, 0x49, 0x46, 0x38) },
  {
    name: 'TIFF',
    extensions: ['tif', 'tiff'],
    starts: (bytes) => begins(0x49, 0x49, 42, 0)(bytes) || begins(0x4d, 0x4d, 0, 42)(bytes),
  },
  { name: 'AVIF', extensions: ['avif'], starts: (bytes) => /^ftypavi[fs]$/.test(text(bytes, 4, 12)) },
];

/** Names of the formats for messages: `PNG, JPEG, … or AVIF`. */
export const FORMAT_NAMES = formats
  .map(({ name }) => name)
  .join(', ')
  .replace(/, (?=[^,]*$)/, ' or ');

const extensions: ReadonlySet<string> = new Set(formats.flatMap((format) => format.extensions));

/** The extension of a file's name in lower case, without its dot; empty where there is none. */
export const extensionOf = (path: string): string => /\.([^./]+)$/.exec(path)?.[1]?.toLowerCase() ?? '';

/** Whether a file of this name should be an image that is decoded. */
export const isImageName = (path: string): boolean => extensions.has(extensionOf(path));

/** The usual extension of the format that a file begins as, whatever its name; null for any other. */
export const formatOf = (bytes: Uint8Array): string | null =>
  formats.find((format) => format.starts(bytes))?.extensions[0] ?? null;
