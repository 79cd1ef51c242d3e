import type { SafeTensor } from '@resnet/safetensors';
import { WeightFileError } from '../errors';
import { cursor } from '../pickle/cursor';
import { interpret } from '../pickle/interpret';
import { describe, isList, type PickleValue } from '../pickle/value';
import { tensorsOf } from './checkpoint';
import { global } from './globals';
import type { ReadWeightsOptions } from './state-dict';
import { type Storage, storages } from './storage';

const magic = 0x1950a86a20f9469cfc6cn;
const protocol = 1001;

/** How a legacy file begins: PROTO 2, then the magic number as LONG1 of 10 bytes. */
const start = [0x80, 0x02, 0x8a, 0x0a, 0x6c, 0xfc, 0x9c, 0x46, 0xf9];

/** Whether the bytes are a file of `torch.save` before PyTorch 1.6. */
export const isLegacy = (bytes: Uint8Array): boolean => start.every((byte, i) => bytes[i] === byte);

/**
 * Reads what `torch.save` wrote before PyTorch 1.6: five pickles one after the other (magic number, protocol, system,
 * object, storage keys), then each storage as an eight-byte count and its elements.
 */
export function readLegacy(bytes: Uint8Array, options: ReadWeightsOptions): Map<string, SafeTensor> {
  const known = storages(bytes.byteLength);
  let at = 0;
  const next = (): PickleValue => {
    const { value, end } = interpret(bytes, { global, persistent: known.resolve }, at);
    at = end;
    return value;
  };
  checkStart(next(), next(), next());
  const checkpoint = next();
  const keys = next();
  const raw = readStorages(bytes, at, keys, known.byKey);
  return tensorsOf(checkpoint, ({ key }) => raw.get(key)!, bytes.byteLength, options);
}

function checkStart(number: PickleValue, version: PickleValue, system: PickleValue): void {
  if (number !== magic || version !== protocol) {
    throw new WeightFileError(
      `readWeights: a legacy file must be of protocol ${protocol}, got ${describe(version)}. Save it with PyTorch 1.13 or later.`,
    );
  }
  if (!(system instanceof Map) || system.get('little_endian') !== true) {
    throw new WeightFileError(
      'readWeights: a legacy file must be little-endian, got another order. Save it on a little-endian machine.',
    );
  }
}

function readStorages(
  bytes: Uint8Array,
  start: number,
  keys: PickleValue,
  known: ReadonlyMap<string, Storage>,
): ReadonlyMap<string, Uint8Array> {
  const input = cursor(bytes, start);
  const raw = new Map<string, Uint8Array>();
  for (const key of isList(keys) ? keys : []) {
    const storage = typeof key === 'string' ? known.get(key) : undefined;
    const length = input.uint64();
    if (!storage || raw.has(storage.key) || length !== storage.length) {
      throw new WeightFileError(
        `readWeights: storage ${describe(key)} must have ${storage?.length ?? 'been declared'} elements once, got ${length}. Is the file damaged?`,
      );
    }
    const { buffer, byteOffset, byteLength } = input.take(storage.bytes);
    raw.set(storage.key, new Uint8Array(buffer, byteOffset, byteLength));
  }
  const missing = [...known.keys()].find((key) => !raw.has(key));
  if (missing === undefined) return raw;
  throw new WeightFileError(
    `readWeights: storage ${describe(missing)} must have its elements, got none. Is the file complete?`,
  );
}
