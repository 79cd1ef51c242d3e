import { bytesPerElement, type Dtype, isDtype } from './dtype';
import { SafetensorsError } from './error';
import { type Json, parseJson } from './json';

/** Position of a tensor: `[begin, end)` in bytes from the end of the header. */
export interface Entry {
  name: string;
  dtype: Dtype;
  shape: number[];
  begin: number;
  end: number;
}

/** A header whose every number has been checked against the bytes that follow it. */
export interface Header {
  entries: Entry[];
  metadata: Record<string, string>;
}

/** As many as NumPy and PyTorch take. */
const mostAxes = 64;

/** The key that holds metadata instead of a tensor. */
export const metadataKey = '__metadata__';

/**
 * Reads and checks a header.
 *
 * @param dataBytes Bytes after the header, which the tensors must cover exactly: no gap, no overlap.
 * @throws SafetensorsError naming the tensor at fault.
 */
export function readHeader(text: string, dataBytes: number): Header {
  if (!text.startsWith('{')) throw invalid('the header', "start with '{'", JSON.stringify(text.slice(0, 1)));
  const root = objectOf('the header', parseJson(text));
  const metadata = readMetadata(root.get(metadataKey));
  const entries = [...root].filter(([name]) => name !== metadataKey).map(([name, json]) => readEntry(name, json));
  checkCover(entries, dataBytes);
  return { entries, metadata };
}

/** The exact product of a shape; undefined if it reaches 2^53. */
export function elementCount(shape: readonly number[]): number | undefined {
  let count = 1;
  for (const size of shape) {
    count *= size;
    if (!Number.isSafeInteger(count)) return undefined;
  }
  return count;
}

function readMetadata(json: Json | undefined): Record<string, string> {
  const entries = json === undefined ? [] : [...objectOf(metadataKey, json)];
  const texts = entries.map(([key, value]): [string, string] => {
    if (typeof value !== 'string') throw invalid(`${metadataKey}.${key}`, 'be a string', show(value));
    return [key, value];
  });
  return Object.fromEntries(texts);
}

function readEntry(name: string, json: Json): Entry {
  const who = `tensor ${JSON.stringify(name)}`;
  const fields = objectOf(who, json);
  const extra = [...fields.keys()].find((key) => !['dtype', 'shape', 'data_offsets'].includes(key));
  if (extra !== undefined) throw invalid(who, 'have dtype, shape and data_offsets only', JSON.stringify(extra));
  const dtype = fields.get('dtype');
  if (typeof dtype !== 'string' || !isDtype(dtype)) throw invalid(who, 'have a known dtype', show(dtype));
  const shape = integersOf(`${who}: shape`, fields.get('shape'));
  const offsets = integersOf(`${who}: data_offsets`, fields.get('data_offsets'));
  const [begin, end] = offsets;
  if (offsets.length !== 2 || begin === undefined || end === undefined) {
    throw invalid(who, 'have two data_offsets', `[${offsets}]`);
  }
  if (shape.length > mostAxes) throw invalid(who, `have at most ${mostAxes} axes`, `${shape.length}`);
  const count = elementCount(shape);
  if (count === undefined) throw invalid(who, 'have fewer than 2^53 elements', `shape [${shape}]`);
  const bytes = count * bytesPerElement(dtype);
  if (end - begin !== bytes) {
    throw invalid(who, `span ${bytes} bytes (${dtype} [${shape}])`, `data_offsets [${offsets}]`);
  }
  return { name, dtype, shape, begin, end };
}

/** Checks that the tensors, sorted by offset, cover the file without gap or overlap. */
function checkCover(entries: readonly Entry[], dataBytes: number): void {
  let covered = 0;
  for (const { name, begin, end } of entries.toSorted((a, b) => a.begin - b.begin || a.end - b.end)) {
    if (begin !== covered) throw invalid(`tensor ${JSON.stringify(name)}`, `begin at byte ${covered}`, `${begin}`);
    covered = end;
  }
  if (covered !== dataBytes) throw invalid('the tensors', `cover all ${dataBytes} bytes of data`, `${covered}`);
}

function objectOf(who: string, json: Json): Map<string, Json> {
  if (!(json instanceof Map)) throw invalid(who, 'be an object', show(json));
  return json;
}

function integersOf(who: string, json: Json | undefined): number[] {
  const integers = Array.isArray(json) ? json.filter((item) => typeof item === 'number') : [];
  if (!Array.isArray(json) || integers.length !== json.length) {
    throw invalid(who, 'be a list of integers', show(json));
  }
  return integers;
}

const show = (json: Json | undefined): string =>
  json instanceof Map ? 'an object' : (JSON.stringify(json)?.slice(0, 80) ?? 'nothing');

const invalid = (who: string, must: string, got: string): SafetensorsError =>
  new SafetensorsError(
    `parseSafetensors: ${who.slice(0, 200)} must ${must}, got ${got.slice(0, 200)}. Is the file damaged? Fetch or write it again.`,
  );
