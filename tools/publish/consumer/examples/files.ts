import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readText, walk, writeDurably } from '@resnet/files';

/** Writes a file and finds it again. */
export const example = async () => {
  const folder = mkdtempSync(join(tmpdir(), 'files-'));
  await writeDurably(join(folder, 'a.txt'), 'whole');
  const result = [await readText(join(folder, 'a.txt')), (await walk(folder)).files.length];
  rmSync(folder, { recursive: true });
  return result;
};
