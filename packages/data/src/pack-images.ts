import { availableParallelism } from 'node:os';
import type { ImageShape } from './dataset';
import type { DecodeFailure, DecodeTask } from './decode-chunk';
import { BrokenImageError } from './errors';
import type { Layout } from './layout';
import type { Pack, PackedSplit } from './pack-file';
import { shared, toShared } from './shared-memory';
import type { PackProgress, Source, SourceFile } from './source';
import { workerPool } from './worker-pool';

/** How images are packed. */
export interface PackImagesOptions {
  readonly maxPixels: number;
  /** Called with each broken image, which is then left out. Without it the first one ends the import. */
  readonly onBroken?: (error: BrokenImageError) => void;
  readonly onProgress?: (progress: PackProgress) => void;
}

/** Images a task: large enough that its message costs nothing beside decoding, small enough for a smooth progress bar. */
const CHUNK = 128;

/**
 * Decodes every image of a layout into memory, in worker threads.
 *
 * @returns The pack, or null where an image has another shape than `shape`.
 * @throws BrokenImageError unless `onBroken` is given.
 */
export async function packImages(
  source: Source,
  layout: Layout,
  shape: ImageShape,
  options: PackImagesOptions,
): Promise<Pack | null> {
  const size = shape[0] * shape[1] * shape[2];
  const splits = new Map(
    [...layout.splits].map(([name, files]) => [
      name,
      allocate(
        files.map(({ label }) => label),
        size,
      ),
    ]),
  );
  const places = new Map<string, Uint8Array>();
  for (const [name, files] of layout.splits) {
    const { pixels } = splits.get(name)!;
    for (const [i, { path }] of files.entries()) places.set(path, pixels.subarray(i * size, (i + 1) * size));
  }
  const failures = await decodeAll(source, places, shape, options);
  if (!failures) return null;
  const broken = new Set(failures.map(({ path }) => path));
  const kept = [...splits].map(([name, split]): [string, PackedSplit] => {
    const keep = layout.splits.get(name)!.map(({ path }) => !broken.has(path));
    return [name, broken.size === 0 ? split : without(split, keep, size)];
  });
  return {
    classes: layout.classes,
    shape,
    splits: new Map(kept),
    otherFiles: layout.otherFiles,
    brokenImages: broken.size,
  };
}

const allocate = (labels: readonly number[], size: number): PackedSplit => ({
  labels: toShared(Uint16Array, labels),
  pixels: shared(Uint8Array, labels.length * size),
});

/** Feeds the decoders as fast as they decode, no faster. Null as soon as an image has another shape. */
async function decodeAll(
  source: Source,
  places: ReadonlyMap<string, Uint8Array>,
  shape: ImageShape,
  { maxPixels, onBroken, onProgress }: PackImagesOptions,
): Promise<DecodeFailure[] | null> {
  const threads = availableParallelism();
  const pool = workerPool<DecodeTask, DecodeFailure[]>('decodeChunk', threads, null);
  const failures: DecodeFailure[] = [];
  const running = new Set<Promise<void>>();
  let done = 0;
  let stop: Error | undefined;
  let odd = false;
  const start = (files: readonly SourceFile[]) => {
    const task = decodeTask(files, places, shape, maxPixels);
    const job = pool
      .run(task, [task.images[0]!.bytes.buffer as ArrayBuffer])
      .then((found) => {
        for (const failure of found) {
          if (failure.shape) odd = true;
          else if (onBroken) onBroken(new BrokenImageError(failure.path, failure.reason));
          else stop ??= new BrokenImageError(failure.path, failure.reason);
        }
        failures.push(...found);
        done += files.length;
        onProgress?.({ step: 'decode', done, total: places.size });
      })
      .catch((error) => {
        stop ??= error;
      })
      .finally(() => running.delete(job));
    running.add(job);
  };
  try {
    for await (const files of chunks(
      source.read((path) => places.has(path)),
      CHUNK,
    )) {
      while (running.size >= 2 * threads) await Promise.race(running);
      if (stop || odd) break;
      start(files);
    }
    await Promise.all(running);
    if (stop) throw stop;
    return odd ? null : failures;
  } finally {
    await pool.close();
  }
}

/** One buffer for all files of a task, so that a single transfer moves them. */
function decodeTask(
  files: readonly SourceFile[],
  places: ReadonlyMap<string, Uint8Array>,
  shape: ImageShape,
  maxPixels: number,
): DecodeTask {
  const joined = new Uint8Array(files.reduce((sum, { bytes }) => sum + bytes.length, 0));
  let start = 0;
  const images = files.map(({ path, bytes }) => {
    joined.set(bytes, start);
    const part = joined.subarray(start, start + bytes.length);
    start += bytes.length;
    return { path, bytes: part, pixels: places.get(path)! };
  });
  return { images, shape, maxPixels };
}

async function* chunks<T>(items: AsyncIterable<T>, size: number): AsyncGenerator<T[]> {
  let chunk: T[] = [];
  for await (const item of items) {
    chunk.push(item);
    if (chunk.length === size) {
      yield chunk;
      chunk = [];
    }
  }
  if (chunk.length > 0) yield chunk;
}

function without({ labels, pixels }: PackedSplit, keep: readonly boolean[], size: number): PackedSplit {
  const kept = [...labels.keys()].filter((i) => keep[i]);
  const result = allocate(
    kept.map((i) => labels[i]!),
    size,
  );
  for (const [to, from] of kept.entries())
    result.pixels.set(pixels.subarray(from * size, (from + 1) * size), to * size);
  return result;
}
