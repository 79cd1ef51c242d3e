import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { fetchWeights } from '../src/weights/fetch-weights';
import { publishedWeights } from '../src/weights/published';
import { emptyFolder } from './empty-folder';

const bytes = Buffer.from('weights of a network');
const asked: string[] = [];
const server = createServer((request, response) => {
  asked.push(request.url!);
  response.end(bytes);
});
let address: string;

beforeAll(async () => {
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
  address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => void server.close());

const weights = () => ({
  ...publishedWeights.get('resnet18')!,
  url: `${address}/resnet18-${sha256}.pth`,
  sha256,
});
const sha256 = createHash('sha256').update(bytes).digest('hex').slice(0, 8);

it('published weights are fetched once, by the beginning of their SHA-256', async () => {
  const cacheDir = emptyFolder();
  const path = await fetchWeights(weights(), { cacheDir });
  expect(path).toBe(join(cacheDir, 'weights', `resnet18-${sha256}.pth`));
  expect(readFileSync(path)).toEqual(bytes);
  await fetchWeights(weights(), { cacheDir });
  expect(asked).toEqual([`/resnet18-${sha256}.pth`]);
});

it('other bytes are refused', async () => {
  const other = { ...weights(), sha256: '00000000' };
  await expect(fetchWeights(other, { cacheDir: emptyFolder() })).rejects.toThrow(/must send SHA-256 00000000…/);
});

it('without a network, one message has the address, the size, the hash and the place', async () => {
  const cacheDir = emptyFolder();
  const url = 'http://127.0.0.1:1/resnet18-f37072fd.pth';
  const named = { ...publishedWeights.get('resnet18')!, url };
  await expect(fetchWeights(named, { cacheDir })).rejects.toThrow(
    `put that file (46.8 MB, SHA-256 f37072fd…) at ${join(cacheDir, 'weights', 'resnet18-f37072fd.pth')}`,
  );
  await expect(fetchWeights(named, { cacheDir })).rejects.toThrow(`must be fetched from ${url}, got `);
});
