import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { readFile, symlink, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { join } from 'node:path';
import { ChecksumError, DownloadError, download, downloadFile } from '@resnet/data';
import { describe, expect, it, onTestFinished } from 'vitest';
import { filesBelow, temporaryFolder } from './support';

const bytes = Buffer.from(Uint8Array.from({ length: 300_000 }, (_, i) => (i * i) % 251));
const sha256 = createHash('sha256').update(bytes).digest('hex');

type Answer = (request: IncomingMessage, response: ServerResponse) => void;

/** A server on this machine, and the ranges it was asked for. */
async function serve(answer: Answer) {
  const ranges: (string | undefined)[] = [];
  const server = createServer((request, response) => {
    ranges.push(request.headers.range);
    answer(request, response);
  });
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  return { file: { url: `http://127.0.0.1:${port}/file.tar.gz`, bytes: bytes.length, sha256 }, ranges };
}

const whole: Answer = (_, response) => response.writeHead(200, { 'content-length': bytes.length }).end(bytes);

/** Honors a range, as most servers do. */
const ranged: Answer = (request, response) => {
  const from = Number(request.headers.range?.match(/^bytes=(\d+)-$/)?.[1] ?? Number.NaN);
  if (Number.isNaN(from)) return whole(request, response);
  const headers = { 'content-range': `bytes ${from}-${bytes.length - 1}/${bytes.length}` };
  response.writeHead(206, headers).end(bytes.subarray(from));
};

/** Sends a part, and hangs up when told: what hangs up at once may take back what has not been read. */
function cutAt(length: number) {
  let hangUp = (): void => {};
  const answer: Answer = (_, response) => {
    response.writeHead(200, { 'content-length': bytes.length }).write(bytes.subarray(0, length));
    hangUp = () => response.destroy();
  };
  return { answer, hangUp: () => hangUp() };
}

describe('downloadFile', () => {
  it('fetches a file whole, telling how far it is, and leaves a right one alone', async () => {
    const path = join(await temporaryFolder(), 'cache', 'file.tar.gz');
    const { file, ranges } = await serve(whole);
    const seen: number[] = [];
    await downloadFile(file, path, { onProgress: ({ done }) => seen.push(done) });
    expect((await readFile(path)).equals(bytes)).toBe(true);
    expect(seen.at(-1)).toBe(bytes.length);
    expect(seen).toEqual([...seen].sort((a, b) => a - b));
    await downloadFile(file, path);
    expect(ranges).toEqual([undefined]);
  });

  it.each([
    ['told by the server', whole],
    ['told by nobody', ((_, response) => response.writeHead(200).end(bytes)) as Answer],
  ])('fetches a file whose length is %s, known by the beginning of its SHA-256', async (_, answer) => {
    const path = join(await temporaryFolder(), 'resnet18-f37072fd.pth');
    const { file, ranges } = await serve(answer);
    const published = { url: file.url, sha256: sha256.slice(0, 8) };
    await downloadFile(published, path);
    expect((await readFile(path)).equals(bytes)).toBe(true);
    await downloadFile(published, path);
    expect(ranges).toHaveLength(1);
    await expect(downloadFile({ ...published, sha256: '00000000' }, `${path}.other`)).rejects.toThrow(
      /must send SHA-256 00000000…, got [0-9a-f]{64}/,
    );
  });

  it('continues a file whose length it learns on the way, and begins anew where nothing is left to come', async () => {
    const path = join(await temporaryFolder(), 'weights.pth');
    const refusing: Answer = (request, response) =>
      request.headers.range === `bytes=${bytes.length}-` ? response.writeHead(416).end() : ranged(request, response);
    const { file, ranges } = await serve(refusing);
    await writeFile(`${path}.part`, bytes.subarray(0, 1000));
    await downloadFile({ url: file.url, sha256: sha256.slice(0, 8) }, path);
    expect((await readFile(path)).equals(bytes)).toBe(true);
    await writeFile(`${path}.2.part`, bytes);
    await downloadFile({ url: file.url, sha256: sha256.slice(0, 8) }, `${path}.2`);
    expect((await readFile(`${path}.2`)).equals(bytes)).toBe(true);
    expect(ranges).toEqual(['bytes=1000-', `bytes=${bytes.length}-`, undefined]);
  });

  it('continues where it was cut off', async () => {
    const folder = await temporaryFolder();
    const path = join(folder, 'file.tar.gz');
    const { answer, hangUp } = cutAt(100_000);
    const cut = await serve(answer);
    await expect(downloadFile(cut.file, path, { onProgress: hangUp })).rejects.toThrow(DownloadError);
    expect(await filesBelow(folder)).toEqual(['file.tar.gz.part']);
    const kept = (await readFile(`${path}.part`)).length;
    expect(kept).toBeGreaterThan(0);
    const { file, ranges } = await serve(ranged);
    await downloadFile(file, path);
    expect(ranges).toEqual([`bytes=${kept}-`]);
    expect((await readFile(path)).equals(bytes)).toBe(true);
    expect(await filesBelow(folder)).toEqual(['file.tar.gz']);
  });

  it.each([
    ['ignores ranges', whole],
    [
      'answers another range',
      (_, response) =>
        response.writeHead(206, { 'content-range': `bytes 0-${bytes.length - 1}/${bytes.length}` }).end(bytes),
    ],
  ] as [string, Answer][])('starts again where the server %s', async (_, answer) => {
    const path = join(await temporaryFolder(), 'file.tar.gz');
    await writeFile(`${path}.part`, bytes.subarray(0, 5000));
    const { file } = await serve(answer);
    await downloadFile(file, path);
    expect((await readFile(path)).equals(bytes)).toBe(true);
  });

  it.each([
    ['other bytes', Buffer.alloc(bytes.length)],
    ['more bytes', Buffer.concat([bytes, bytes])],
  ])('keeps nothing of %s', async (_, body) => {
    const folder = await temporaryFolder();
    const { file } = await serve((_, response) => response.writeHead(200).end(body));
    await expect(downloadFile(file, join(folder, 'file.tar.gz'))).rejects.toThrow(ChecksumError);
    expect(await filesBelow(folder)).toEqual([]);
  });

  it('keeps nothing where the part from before was another file’s', async () => {
    const folder = await temporaryFolder();
    const path = join(folder, 'file.tar.gz');
    await writeFile(`${path}.part`, 'something else');
    const { file } = await serve(ranged);
    await expect(downloadFile(file, path)).rejects.toThrow(ChecksumError);
    expect(await filesBelow(folder)).toEqual([]);
    await downloadFile(file, path);
    expect((await readFile(path)).equals(bytes)).toBe(true);
  });

  const page: Answer = (_, response) =>
    response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' }).end('<html>Please log in</html>');
  const short: Answer = (_, response) => response.writeHead(200, { 'content-length': 5 }).end('Error');

  it.each([
    ['a page of HTML', page, /got a page of text\/html/],
    ['another length', short, /must send 300000 bytes, got 5 bytes/],
  ] as [string, Answer, RegExp][])(
    'keeps what arrived before where the server answers with %s',
    async (_, answer, words) => {
      const folder = await temporaryFolder();
      const path = join(folder, 'file.tar.gz');
      await writeFile(`${path}.part`, bytes.subarray(0, 200_000));
      const { file } = await serve(answer);
      await expect(downloadFile(file, path)).rejects.toThrow(words);
      expect((await readFile(`${path}.part`)).equals(bytes.subarray(0, 200_000))).toBe(true);
      const better = await serve(ranged);
      await downloadFile(better.file, path);
      expect(better.ranges).toEqual(['bytes=200000-']);
      expect((await readFile(path)).equals(bytes)).toBe(true);
      expect(await filesBelow(folder)).toEqual(['file.tar.gz']);
    },
  );

  it('keeps the longer beginning where the server begins anew and is cut off', async () => {
    const folder = await temporaryFolder();
    const path = join(folder, 'file.tar.gz');
    await writeFile(`${path}.part`, bytes.subarray(0, 200_000));
    const { answer, hangUp } = cutAt(100_000);
    const { file } = await serve(answer);
    await expect(downloadFile(file, path, { onProgress: hangUp })).rejects.toThrow(DownloadError);
    expect((await readFile(`${path}.part`)).equals(bytes.subarray(0, 200_000))).toBe(true);
    expect(await filesBelow(folder)).toEqual(['file.tar.gz.part']);
  });

  it('lets one of two fetch to one place, and tells the other who does', async () => {
    const folder = await temporaryFolder();
    const path = join(folder, 'file.tar.gz');
    const { file } = await serve(whole);
    const both = await Promise.allSettled([downloadFile(file, path), downloadFile(file, path)]);
    expect(both.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    const [lost] = both.flatMap((one) => (one.status === 'rejected' ? [one.reason] : []));
    expect(lost).toBeInstanceOf(DownloadError);
    expect(lost.message).toContain(`a lock of process ${process.pid}`);
    expect((await readFile(path)).equals(bytes)).toBe(true);
    expect(await filesBelow(folder)).toEqual(['file.tar.gz']);
  });

  it('judges the file, not what was received', async () => {
    const folder = await temporaryFolder();
    const path = join(folder, 'file.tar.gz');
    await writeFile(`${path}.part`, bytes.subarray(0, 1000));
    const { file } = await serve(ranged);
    // Another process, without our lock, writes into the part meanwhile.
    const onProgress = () => writeFileSync(`${path}.part`, 'x', { flag: 'r+' });
    await expect(downloadFile(file, path, { onProgress })).rejects.toThrow(ChecksumError);
    expect(await filesBelow(folder)).toEqual([]);
  });

  it('gives up a server that sends no more, and keeps what arrived', async () => {
    const folder = await temporaryFolder();
    const path = join(folder, 'file.tar.gz');
    const { answer } = cutAt(100_000);
    const { file } = await serve(answer);
    await expect(downloadFile(file, path, { stallSeconds: 0.5 })).rejects.toThrow(/nothing for 0\.5 s.*Run it again/);
    expect(await filesBelow(folder)).toEqual(['file.tar.gz.part']);
    const silent = await serve(() => {});
    await expect(downloadFile(silent.file, path, { stallSeconds: 0.5 })).rejects.toThrow(
      /must be reachable, got nothing for/,
    );
  });

  it('does not write through a link that lies where its part goes', async () => {
    const folder = await temporaryFolder();
    const path = join(folder, 'file.tar.gz');
    await writeFile(join(folder, 'victim'), bytes.subarray(0, 1000));
    await symlink('victim', `${path}.part`);
    const { file } = await serve(ranged);
    await expect(downloadFile(file, path)).rejects.toThrow(/must be a regular file, got a link/);
    expect((await readFile(join(folder, 'victim'))).length).toBe(1000);
  });

  it('does not replace another file that is there', async () => {
    const path = join(await temporaryFolder(), 'file.tar.gz');
    await writeFile(path, 'mine');
    const { file, ranges } = await serve(whole);
    await expect(downloadFile(file, path)).rejects.toThrow(ChecksumError);
    expect([await readFile(path, 'utf8'), ranges]).toEqual(['mine', []]);
  });

  it('tells the status of a refusal', async () => {
    const { file } = await serve((_, response) => response.writeHead(404).end());
    await expect(downloadFile(file, join(await temporaryFolder(), 'x'))).rejects.toThrow(/HTTP status 404/);
  });

  it('stops when told to, and keeps what came', async () => {
    const folder = await temporaryFolder();
    const path = join(folder, 'x');
    const { file } = await serve((_, response) => response.writeHead(200).write(bytes.subarray(0, 1000)));
    const stop = new AbortController();
    const loading = downloadFile(file, path, { signal: stop.signal, onProgress: () => stop.abort() });
    await expect(loading).rejects.toThrow(DownloadError);
    expect((await readFile(`${path}.part`)).length).toBe(1000);
  });
});

describe('download', () => {
  it('without a network says in one line where the file goes by hand', async () => {
    const cacheDir = await temporaryFolder();
    // Port 9 of this machine: nobody listens.
    const loading = download('cifar10', { cacheDir, url: 'http://127.0.0.1:9/cifar-10-binary.tar.gz' });
    await expect(loading).rejects.toThrow(DownloadError);
    await expect(loading).rejects.toThrow(
      `put the file at ${join(cacheDir, 'cifar-10-binary.tar.gz')} by hand (170052171 bytes, SHA-256 c4a38c50a1bc5f3a1c5537f2155ab9d68f9f25eb1ed8d9ddda3db29a59bca1dd)`,
    );
    await expect(loading).rejects.not.toThrow(/\n/);
  });

  it('holds a mirror to the official bytes', async () => {
    const cacheDir = await temporaryFolder();
    const { file } = await serve((_, response) => response.writeHead(200).end(Buffer.alloc(1000)));
    await expect(download('cifar100', { cacheDir, url: file.url })).rejects.toThrow(/must send 168513733 bytes/);
  });
});
