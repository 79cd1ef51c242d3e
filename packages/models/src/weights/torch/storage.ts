import { bytesPerElement, type Dtype } from '@resnet/safetensors';
import { PickleError } from '../errors';
import { describe, type Global, isTuple, type PickleValue } from '../pickle/value';

/** A run of numbers that tensors share. Its bytes lie elsewhere in the file, under `key`. */
export class Storage {
  constructor(
    readonly key: string,
    readonly dtype: Dtype,
    /** Elements. */
    readonly length: number,
  ) {}

  get bytes(): number {
    return this.length * bytesPerElement(this.dtype);
  }
}

const dtypes: Readonly<Record<string, Dtype>> = {
  'torch.FloatStorage': 'F32',
  'torch.DoubleStorage': 'F64',
  'torch.HalfStorage': 'F16',
  'torch.BFloat16Storage': 'BF16',
  'torch.LongStorage': 'I64',
  'torch.IntStorage': 'I32',
  'torch.ShortStorage': 'I16',
  'torch.CharStorage': 'I8',
  'torch.ByteStorage': 'U8',
  'torch.BoolStorage': 'BOOL',
};

/** The storage types as globals: names only, not to be called. */
export const storageTypes: readonly Global[] = Object.keys(dtypes).map((name) => ({ name }));

/** The storages that persistent ids name, each once. */
export interface Storages {
  readonly byKey: ReadonlyMap<string, Storage>;
  /** `('storage', type, key, location, elements, …)` as a storage, no larger than `mostBytes`. */
  resolve(id: PickleValue): Storage;
}

/** @param mostBytes What the file can hold: a storage that claims more is refused before anything is read. */
export function storages(mostBytes: number): Storages {
  const byKey = new Map<string, Storage>();

  const resolve = (id: PickleValue): Storage => {
    const storage = readId(id);
    if (storage.bytes > mostBytes) {
      throw new PickleError(
        `readWeights: storage ${describe(storage.key)} must fit into the file's ${mostBytes} bytes, got ${storage.bytes}. Is the file complete?`,
      );
    }
    const known = byKey.get(storage.key);
    if (known && (known.dtype !== storage.dtype || known.length !== storage.length)) {
      throw new PickleError(
        `readWeights: storage ${describe(storage.key)} must be declared once, got ${known.dtype} × ${known.length} and ${storage.dtype} × ${storage.length}. Is the file damaged?`,
      );
    }
    byKey.set(storage.key, known ?? storage);
    return known ?? storage;
  };

  return { byKey, resolve };
}

const isUnknownType = (type: PickleValue): type is Global =>
  typeof type === 'object' && type !== null && 'inert' in type;

function readId(id: PickleValue): Storage {
  const [kind, type, key, , length, view = null] = isTuple(id) ? id : [];
  const dtype = storageTypes.find((known) => known === type);
  if (kind === 'storage' && isUnknownType(type)) {
    throw new PickleError(
      `readWeights: a storage must be of a type that weights have, got the global ${JSON.stringify(type.name)}. Convert the tensors, or save the state_dict() alone again.`,
    );
  }
  if (kind !== 'storage' || !dtype || typeof key !== 'string') {
    throw new PickleError(
      `readWeights: a persistent id must be ('storage', type, key, location, elements), got ${describe(kind)}. Is the file damaged?`,
    );
  }
  if (typeof length !== 'number' || !Number.isSafeInteger(length) || length < 0) {
    throw new PickleError(
      `readWeights: storage ${describe(key)} must have a count of elements, got ${describe(length)}. Is the file damaged?`,
    );
  }
  if (view !== null) {
    throw new PickleError(
      `readWeights: storage ${describe(key)} must not be a view of another, got ${describe(view)}. Save the file with a newer PyTorch.`,
    );
  }
  return new Storage(key, dtypes[dtype.name]!, length);
}
