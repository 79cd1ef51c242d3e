import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { openSource, writeShards } from '@resnet/data';
import { beforeAll, expect, it } from 'vitest';
import { filesBelow, picture, temporaryFolder, writeTree } from './support';

const script = `
import { openSource, writeShards } from '@resnet/data';
const [from, out] = process.argv.slice(1);
const train = await (await openSource(from, { maxPackedBytes: 0 })).read('train');
await writeShards({ train }, out, { imagesPerShard: 2, onProgress: ({ done }) => process.stdout.write(done + '\\n') });
`;

let images: Record<string, Buffer>;

beforeAll(async () => {
  const entries = Array.from({ length: 24 }, async (_, i) => {
    const bytes = await picture(60 + i, 80, i)
      .jpeg()
      .toBuffer();
    return [`${i % 2 ? 'cat' : 'dog'}/${i}.jpg`, bytes] as const;
  });
  images = Object.fromEntries(await Promise.all(entries));
});

const contentOf = async (root: string): Promise<string[]> =>
  Promise.all(
    (await filesBelow(root)).map(
      async (name) =>
        `${name} ${createHash('sha256')
          .update(await readFile(join(root, name)))
          .digest('hex')}`,
    ),
  );

/** Writes shards in a process of its own and kills it when `after` of them are there. */
async function killed(from: string, out: string, after: number): Promise<void> {
  const child = spawn(process.execPath, ['--input-type=module', '-e', script, from, out], {
    cwd: join(import.meta.dirname, '..'),
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let said = '';
  child.stdout.on('data', (text) => {
    said += text;
    if (said.trim().split('\n').length >= after) child.kill('SIGKILL');
  });
  const [, signal] = await once(child, 'exit');
  expect(signal).toBe('SIGKILL');
}

it('goes on after kill -9 to the same bytes, with nothing left over', async () => {
  const from = await writeTree(await temporaryFolder(), images);
  const train = await (await openSource(from, { maxPackedBytes: 0, cacheDir: join(from, '.cache') })).read('train');
  const whole = join(await temporaryFolder(), 'whole');
  await writeShards({ train }, whole, { imagesPerShard: 2 });
  const out = join(await temporaryFolder(), 'out');
  for (const after of [1, 2, 5, 11]) await killed(from, out, after);
  await writeShards({ train }, out, { imagesPerShard: 2 });
  expect(await contentOf(out)).toEqual(await contentOf(whole));
});
