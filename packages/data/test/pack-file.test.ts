import { readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type Pack, readPack, writePack } from '../src/pack-file';
import { shared } from '../src/shared-memory';
import { temporaryFolder } from './support';

const split = (length: number, first: number) => {
  const labels = shared(Uint16Array, length);
  const pixels = shared(Uint8Array, length * 12);
  for (let i = 0; i < pixels.length; i++) pixels[i] = first + i;
  return { labels: labels.fill(1), pixels };
};
const pack: Pack = {
  classes: ['cat', 'dog'],
  shape: [2, 2, 3],
  splits: new Map([
    ['train', split(5, 0)],
    ['test', split(2, 100)],
  ]),
};

/** What `damage` leaves of a pack, as both splits are read. */
async function readings(damage: (bytes: Buffer) => Buffer) {
  const path = join(await temporaryFolder(), 'x.pack');
  await writePack(path, pack);
  const damaged = damage(await readFile(path));
  await writeFile(path, damaged);
  const read = async (name: string) => {
    const found = await readPack(path, name);
    const gone = await stat(path).then(
      () => false,
      () => true,
    );
    if (!found) await writeFile(path, damaged);
    return { found, gone };
  };
  return { train: await read('train'), test: await read('test') };
}

describe('a pack', () => {
  it('is read as it was written', async () => {
    const { train, test } = await readings((bytes) => bytes);
    expect(train.found).toMatchObject({ classes: ['cat', 'dog'], shape: [2, 2, 3] });
    expect([...train.found!.digests.keys()]).toEqual(['train', 'test']);
    expect(train.found?.splits.get('train')).toEqual(pack.splits.get('train'));
    expect(test.found?.splits.get('test')).toEqual(pack.splits.get('test'));
  });

  it('of which a bit is changed is never read as a whole one', async () => {
    const path = join(await temporaryFolder(), 'x.pack');
    await writePack(path, pack);
    const whole = await readFile(path);
    // A bit of the pixels of one split leaves the other as it is, and may.
    const inTest = 8 * (whole.length - 2 * 14);
    const inTrain = 8 * (whole.length - 7 * 14);
    for (let bit = 0; bit < 8 * whole.length; bit += 3) {
      const damaged = Buffer.from(whole);
      damaged[bit >> 3]! ^= 1 << (bit & 7);
      const wanted = bit >= inTest ? ['test'] : bit >= inTrain ? ['train'] : ['train', 'test'];
      for (const name of wanted) {
        await writeFile(path, damaged);
        expect(await readPack(path, name), `bit ${bit}, ${name}`).toBeNull();
        await expect(stat(path)).rejects.toThrow('ENOENT');
      }
    }
  });

  it('that was cut anywhere, or grew, is removed', async () => {
    const length = (await readings((bytes) => bytes)).train.found ? 100 : 0;
    for (let kept = 0; kept < length; kept++) {
      const { train, test } = await readings((bytes) => bytes.subarray(0, Math.floor((bytes.length * kept) / length)));
      expect([train, test]).toEqual(Array(2).fill({ found: null, gone: true }));
    }
    const { train } = await readings((bytes) => Buffer.concat([bytes, Buffer.alloc(1)]));
    expect(train).toEqual({ found: null, gone: true });
  });

  it('that claims a header of gigabytes is refused before any of it is allocated', async () => {
    const before = process.memoryUsage().arrayBuffers;
    const { train } = await readings((bytes) => {
      bytes.writeUInt32LE(0xffffffff, 40);
      return bytes;
    });
    expect(train.found).toBeNull();
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(2 ** 20);
  });
});
