import { zipSync } from 'fflate';

/** Pieces of a pickle: raw bytes, text as it is, or pieces of those. */
export type Piece = number | string | readonly Piece[];

const encoder = new TextEncoder();

export const bytes = (...pieces: readonly Piece[]): Uint8Array => Uint8Array.from(pieces.flatMap(flat));

const flat = (piece: Piece): number[] => {
  if (typeof piece === 'number') return [piece];
  return typeof piece === 'string' ? [...encoder.encode(piece)] : piece.flatMap(flat);
};

const little = (value: number, width: number): number[] =>
  Array.from({ length: width }, (_, i) => Number((BigInt(value) >> BigInt(8 * i)) & 0xffn));

// The few opcodes that the tests write, by pickle's own names.
export const proto = [0x80, 2];
export const stop = '.';
export const none = 'N';
export const mark = '(';
export const emptyTuple = ')';
export const emptyDict = '}';
export const emptyList = ']';
export const reduce = 'R';
export const build = 'b';
export const persistent = 'Q';
export const memoize = 0x94;
export const tuple1 = 0x85;
export const global = (module: string, name: string): Piece => ['c', module, '\n', name, '\n'];
export const text = (value: string): Piece => ['X', little(encoder.encode(value).length, 4), value];
export const int = (value: number): Piece => ['J', little(value, 4)];
/** LONG1: any integer below 2^63. */
export const long = (value: number): Piece => [0x8a, 8, little(value, 8)];
export const tuple = (...items: Piece[]): Piece => [mark, items, 't'];
export const call = (module: string, name: string, ...args: Piece[]): Piece => [
  global(module, name),
  tuple(...args),
  reduce,
];

/** A storage's persistent id, loaded. */
export const storage = (key: string, length: Piece, type = 'FloatStorage'): Piece => [
  tuple(text('storage'), global('torch', type), text(key), text('cpu'), length),
  persistent,
];

export const tensor = (from: Piece, offset: Piece, size: Piece, stride: Piece): Piece =>
  call('torch._utils', '_rebuild_tensor_v2', from, offset, size, stride, 0x89, call('collections', 'OrderedDict'));

export const dict = (...items: Piece[]): Piece => [emptyDict, mark, items, 'u'];

/** A file of `torch.save` since 1.6 around a pickle. */
export const archive = (pickle: readonly Piece[], storages: Record<string, Uint8Array> = {}): Uint8Array =>
  archiveOf({
    'net/data.pkl': bytes(proto, pickle, stop),
    ...Object.fromEntries(Object.entries(storages).map(([key, data]) => [`net/data/${key}`, data])),
  });

/** Any files, stored as `torch.save` does. */
export const archiveOf = (files: Record<string, Uint8Array>): Uint8Array => zipSync(files, { level: 0 });

/** A file of `torch.save` before 1.6 around a pickle. */
export const legacy = (pickle: readonly Piece[], ...rest: Piece[]): Uint8Array =>
  bytes(legacyStart, proto, pickle, stop, rest);

const legacyStart: Piece = [
  [proto, 0x8a, 10, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19, stop],
  [proto, 'M', little(1001, 2), stop],
  [proto, dict(text('little_endian'), 0x88), stop],
];

/** The part of a legacy file after its object: the keys, then a length and the elements of each storage. */
export const legacyStorages = (storages: Record<string, Float32Array>): Piece => [
  [proto, emptyList, mark, Object.keys(storages).map(text), 'e', stop],
  Object.values(storages).map((data) => [little(data.length, 8), [...new Uint8Array(data.buffer)]]),
];
