import { type Dtype, dtypes, holds, isDtype, type SafeTensor } from './dtype';
import { SafetensorsError } from './error';
import { elementCount, metadataKey } from './header';
import { prototypeKey } from './json';
import { maxHeaderBytes, prefixBytes } from './parse';

/** Tensors by name. */
export type NamedTensors = ReadonlyMap<string, SafeTensor> | Readonly<Record<string, SafeTensor>>;

/**
 * Writes a safetensors file that PyTorch, the reference implementation and `parse` read. Widest dtype first, then
 * by name, header padded to eight bytes: every tensor lies at a multiple of its width, and equal content gives equal bytes.
 *
 * @param metadata Strings by key, kept in their order.
 * @throws SafetensorsError where `data` does not match `dtype` and `shape`, or a name is reserved.
 */
export function serializeSafetensors(
  tensors: NamedTensors,
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array {
  const sorted = [...(tensors instanceof Map ? tensors : Object.entries(tensors))].sort(byWidthThenName);
  for (const [name, tensor] of sorted) check(name, tensor);
  const header = writeHeader(sorted, metadata);
  const dataBytes = sorted.reduce((sum, [, { data }]) => sum + data.byteLength, 0);
  const file = new Uint8Array(prefixBytes + header.byteLength + dataBytes);
  new DataView(file.buffer).setBigUint64(0, BigInt(header.byteLength), true);
  file.set(header, prefixBytes);
  let at = prefixBytes + header.byteLength;
  for (const [, { data }] of sorted) {
    file.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), at);
    at += data.byteLength;
  }
  return file;
}

type Named = [name: string, tensor: SafeTensor];

const rank = new Map<Dtype, number>(dtypes.map((dtype, index) => [dtype, index]));

const byWidthThenName = ([a, left]: Named, [b, right]: Named): number =>
  (rank.get(right.dtype) ?? 0) - (rank.get(left.dtype) ?? 0) || (a < b ? -1 : 1);

function check(name: string, { dtype, shape, data }: SafeTensor): void {
  const who = `serializeSafetensors: tensor ${JSON.stringify(name)}`;
  if (name === metadataKey || name === prototypeKey) {
    throw new SafetensorsError(`${who} has a reserved name. Call it otherwise.`);
  }
  if (!isDtype(dtype)) throw new SafetensorsError(`${who} must have one of ${dtypes}, got ${dtype}. Convert it.`);
  if (!holds(dtype, data)) {
    throw new SafetensorsError(`${who} must have data for ${dtype}, got ${data?.constructor?.name}. Convert it.`);
  }
  const valid = shape.every((size) => Number.isSafeInteger(size) && size >= 0);
  if (!valid || elementCount(shape) !== data.length) {
    throw new SafetensorsError(`${who} must have as many elements as [${shape}] says, got ${data.length}. Reshape it.`);
  }
}

function writeHeader(tensors: readonly Named[], metadata: Readonly<Record<string, string>>): Uint8Array {
  // Written member by member: an object would move keys that look like integers.
  const members = Object.keys(metadata).length > 0 ? [member(metadataKey, texts(metadata))] : [];
  let begin = 0;
  for (const [name, { dtype, shape, data }] of tensors) {
    const end = begin + data.byteLength;
    members.push(member(name, JSON.stringify({ dtype, shape, data_offsets: [begin, end] })));
    begin = end;
  }
  const json = new TextEncoder().encode(`{${members.join(',')}}`);
  const header = new Uint8Array(Math.ceil(json.byteLength / 8) * 8).fill(0x20);
  if (header.byteLength > maxHeaderBytes) {
    throw new SafetensorsError(
      `serializeSafetensors: the header must be at most ${maxHeaderBytes} bytes, got ${header.byteLength}.`,
    );
  }
  header.set(json);
  return header;
}

const member = (key: string, json: string): string => `${JSON.stringify(key)}:${json}`;

function texts(metadata: Readonly<Record<string, string>>): string {
  const members = Object.entries(metadata).map(([key, value]) => {
    if (key === prototypeKey)
      throw new SafetensorsError(`serializeSafetensors: metadata must not be called ${key}. Call it otherwise.`);
    if (typeof value === 'string') return member(key, JSON.stringify(value));
    throw new SafetensorsError(
      `serializeSafetensors: metadata ${JSON.stringify(key)} must be a string, got ${typeof value}. Stringify it.`,
    );
  });
  return `{${members.join(',')}}`;
}
