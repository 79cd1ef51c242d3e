import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import sharp, { type Sharp } from 'sharp';
import { onTestFinished } from 'vitest';

/** A folder that is gone after the test. */
export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'resnet-data-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** A PNG of one color. */
export const png = (color: readonly [number, number, number], height = 4, width = 4): Promise<Buffer> =>
  sharp(Buffer.alloc(height * width * 3, Uint8Array.from(color)), { raw: { height, width, channels: 3 } })
    .png()
    .toBuffer();

/** Waves of all lengths and some noise: what a photo has, and a compressor has to work for. */
export const picture = (height: number, width: number, seed = 1): Sharp => {
  const data = Buffer.alloc(height * width * 3);
  let noise = seed;
  for (let y = 0, i = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      for (let k = 0; k < 3; k++) {
        noise = (Math.imul(noise, 1664525) + 1013904223) >>> 0;
        data[i++] = 128 + 60 * Math.sin((x * (k + 1)) / 17 + y / 29) + 40 * Math.sin((x * y) / 900) + noise / 2 ** 28;
      }
    }
  }
  return sharp(data, { raw: { height, width, channels: 3 } });
};

/** Writes files below a folder. */
export async function writeTree(root: string, files: Readonly<Record<string, Uint8Array | string>>): Promise<string> {
  for (const [path, bytes] of Object.entries(files)) {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), bytes);
  }
  return root;
}

/** Every file below a folder, by relative path. */
export const filesBelow = async (root: string): Promise<string[]> =>
  (await readdir(root, { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(root.length + 1))
    .sort();

/** An entry of a hand-made tar; `type` as in the header: '0' file, '1' hard link, '2' symbolic link, '3' device, '5' folder. */
export interface TarEntry {
  readonly name: string;
  readonly bytes?: Uint8Array;
  readonly type?: string;
  readonly link?: string;
  /** What the header claims, where that is not the truth. */
  readonly size?: number;
}

/** A tar written by hand (POSIX ustar), so that it may hold what no tool would write. */
export const tar = (entries: readonly TarEntry[], { end = true } = {}): Buffer =>
  Buffer.concat([...entries.flatMap(tarEntry), Buffer.alloc(end ? 1024 : 0)]);

export const tarGz = (entries: readonly TarEntry[]): Buffer => gzipSync(tar(entries));

function tarEntry({ name, bytes = new Uint8Array(), type = '0', link = '', size = bytes.length }: TarEntry): Buffer[] {
  const header = Buffer.alloc(512);
  header.write(name, 0, 100);
  header.write('0000644\0', 100);
  header.write('0000000\0', 108);
  header.write('0000000\0', 116);
  header.write(`${size.toString(8).padStart(11, '0')}\0`, 124);
  header.write('00000000000\0', 136);
  header.write('        ', 148);
  header.write(type, 156);
  header.write(link, 157, 100);
  header.write('ustar\x0000', 257);
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  return [header, Buffer.from(bytes), Buffer.alloc((512 - (bytes.length % 512)) % 512)];
}

/** The body of an entry of type 'x', which tells more of the next entry: lines of their own length, a key and a value. */
export const pax = (records: Readonly<Record<string, string>>): Buffer =>
  Buffer.concat(
    Object.entries(records).map(([key, value]) => {
      const rest = Buffer.from(` ${key}=${value}\n`);
      const digits = [1, 2, 3, 4, 5, 6, 7, 8].find((count) => `${rest.length + count}`.length === count)!;
      return Buffer.concat([Buffer.from(`${rest.length + digits}`), rest]);
    }),
  );

/** A record of a CIFAR binary file: label bytes, then planes of which pixel (0, 0) has the given color and the rest is 7. */
export const cifarRecord = (
  labels: readonly number[],
  [red, green, blue]: readonly [number, number, number],
): Buffer => {
  const pixels = Buffer.alloc(3072, 7);
  pixels[0] = red;
  pixels[1024] = green;
  pixels[2048] = blue;
  return Buffer.concat([Buffer.from(labels), pixels]);
};

/** Gathers an async iterable. */
export async function gather<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}
