import type { SafeTensor } from '@resnet/safetensors';
import { WeightFileError } from '../errors';
import { interpret } from '../pickle/interpret';
import { tensorsOf } from './checkpoint';
import { global } from './globals';
import type { ReadWeightsOptions } from './state-dict';
import { storages } from './storage';
import { mostInflation, openZip, type Zip } from './zip';

/** Whether the bytes are a zip archive, as `torch.save` writes since PyTorch 1.6. */
export const isArchive = (bytes: Uint8Array): boolean => [0x50, 0x4b, 3, 4].every((byte, i) => bytes[i] === byte);

/** Reads what `torch.save` writes since PyTorch 1.6: `NAME/data.pkl` and each storage as `NAME/data/KEY`. */
export function readArchive(bytes: Uint8Array, options: ReadWeightsOptions): Map<string, SafeTensor> {
  const zip = openZip(bytes);
  const { folder, pickle } = findPickle(zip);
  checkByteOrder(zip.read(`${folder}byteorder`));
  const known = storages(mostInflation * bytes.byteLength);
  const { value } = interpret(pickle, { global, persistent: known.resolve });
  return tensorsOf(
    value,
    ({ key, bytes: expected }) => {
      const content = zip.read(`${folder}data/${key}`);
      if (content?.byteLength === expected) return content;
      throw new WeightFileError(
        `readWeights: storage ${JSON.stringify(key.slice(0, 80))} must have ${expected} bytes, got ${content?.byteLength ?? 'none'}. Is the file complete?`,
      );
    },
    bytes.byteLength,
    options,
  );
}

function findPickle(zip: Zip): { folder: string; pickle: Uint8Array } {
  const [name, ...others] = zip.names.filter((entry) => /^([^/]+\/)?data\.pkl$/.test(entry));
  const pickle = name === undefined ? undefined : zip.read(name);
  if (name === undefined || !pickle || others.length > 0) {
    throw new WeightFileError(
      `readWeights: the zip archive must have one data.pkl, got ${others.length + (name ? 1 : 0)}. Is it a file of torch.save?`,
    );
  }
  return { folder: name.slice(0, -'data.pkl'.length), pickle };
}

function checkByteOrder(content: Uint8Array | undefined): void {
  const order = content ? new TextDecoder().decode(content.subarray(0, 16)) : 'little';
  if (order === 'little') return;
  throw new WeightFileError(
    `readWeights: the file must be little-endian, got ${JSON.stringify(order)}. Save it on a little-endian machine.`,
  );
}
