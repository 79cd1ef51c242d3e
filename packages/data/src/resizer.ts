import binary from 'wasm:resize';
import { type Image, type ResizePlan, type ResizeTaps, resizeTaps, type Size } from '@resnet/augment';
import type { Region } from './decode';

/** How to make a plan's window out of a region of the image. */
export interface RegionPlan {
  /** What of the image is decoded. */
  readonly region: Region;
  /** The window of the scaled image that the region gives. */
  readonly window: ResizePlan['window'];
  /** Source rows and weights of each row of the window. */
  readonly rows: ResizeTaps;
  /** Source columns and weights of each column of the window. */
  readonly columns: ResizeTaps;
}

/** Finds the region of an image of this size that a plan needs. */
export function regionPlan(image: Size, { scaled, window }: ResizePlan): RegionPlan {
  const rows = resizeTaps(image.height, scaled.height, window.top, window.height);
  const columns = resizeTaps(image.width, scaled.width, window.left, window.width);
  const [top, height] = extent(rows);
  const [left, width] = extent(columns);
  return { region: { top, left, height, width }, window, rows, columns };
}

const extent = ({ count, starts }: ResizeTaps): [start: number, length: number] => [
  starts[0]!,
  starts[starts.length - 1]! + count - starts[0]!,
];

/**
 * Makes a window from the RGB bytes of its region, `[height, width, 3]`, in WebAssembly. To the bit it is what `resize` of
 * `@resnet/augment` makes.
 *
 * @returns `[height, width, 3]` bytes of the window: a view that the next call overwrites.
 */
export function resizeRegion(pixels: Image['data'], { region, window, rows, columns }: RegionPlan): Uint8Array {
  const { source, columnAt, columnWeights, rowAt, rowWeights, line, bands, out, end } = layOut({
    // The pass reads a byte beyond the last pixel.
    source: pixels.length + 1,
    columnAt: 4 * window.width,
    columnWeights: 4 * columns.weights.length,
    rowAt: 4 * window.height,
    rowWeights: 4 * rows.weights.length,
    line: 16 * region.width,
    bands: 16 * region.height * window.width,
    out: 3 * window.width * window.height,
  });
  const { memory, resize } = module();
  if (end > memory.buffer.byteLength) memory.grow(Math.ceil((end - memory.buffer.byteLength) / PAGE));
  const bytes = new Uint8Array(memory.buffer);
  bytes.set(pixels, source);
  putTaps(memory.buffer, rows, region.top, false, rowAt, rowWeights);
  putTaps(memory.buffer, columns, region.left, window.mirrored === true, columnAt, columnWeights);
  resize(
    ...[source, region.height, region.width],
    ...[columnAt, columnWeights, columns.count],
    ...[rowAt, rowWeights, rows.count],
    ...[line, bands, out, window.height, window.width],
  );
  return bytes.subarray(out, out + 3 * window.width * window.height);
}

const PAGE = 65_536;

/** Gives each part its address, a multiple of 16, and tells where the last ends. */
function layOut<Part extends string>(lengths: Readonly<Record<Part, number>>): Record<Part | 'end', number> {
  let end = 16;
  const addresses = Object.entries<number>(lengths).map(([part, length]) => {
    const address = end;
    end = Math.ceil((end + length) / 16) * 16;
    return [part, address];
  });
  return { ...Object.fromEntries(addresses), end };
}

/** Writes taps as the pass wants them: from the region's edge on, and for a mirror image in the opposite order. */
function putTaps(
  memory: ArrayBufferLike,
  { count, starts, weights }: ResizeTaps,
  edge: number,
  mirrored: boolean,
  startsAt: number,
  weightsAt: number,
): void {
  const length = starts.length;
  const startsOut = new Int32Array(memory, startsAt, length);
  const weightsOut = new Float32Array(memory, weightsAt, length * count);
  if (!mirrored) weightsOut.set(weights);
  for (let i = 0; i < length; i++) {
    const to = mirrored ? length - 1 - i : i;
    startsOut[to] = starts[i]! - edge;
    if (mirrored) weightsOut.set(weights.subarray(i * count, (i + 1) * count), to * count);
  }
}

interface ResizeModule {
  readonly memory: WebAssembly.Memory;
  readonly resize: (...addressesAndLengths: number[]) => void;
}

let made: ResizeModule | undefined;

/** One a thread, made when it is first needed. */
function module(): ResizeModule {
  made ??= instantiate();
  return made;
}

function instantiate(): ResizeModule {
  const memory = new WebAssembly.Memory({ initial: 1 });
  const compiled = new WebAssembly.Module(Buffer.from(binary, 'base64'));
  const { exports } = new WebAssembly.Instance(compiled, { env: { memory } });
  return { memory, resize: exports.resize as ResizeModule['resize'] };
}
