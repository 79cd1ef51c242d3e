// What others do meanwhile: images that change while they are packed, two downloads to one place, another user's remains in the cache,
// another PID namespace, a server that answers with a page, falls silent or begins anew, limits on threads and open files.
//   node tools/torture/company.js
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { downloadFile, openSource } from '@resnet/data';
import { must, resnet, resnetPath, smallRun, temporaryFolder } from './command.js';
import { writeImages } from './images.js';

const root = temporaryFolder();
const isRoot = process.getuid?.() === 0;
const isWords = (text) => !/^ +at .*:\d+:\d+/m.test(text);

/** Writes over images, again and again, while they are packed: a pack must hold what its name says, or not be there. */
async function changing() {
  let [refused, kept] = [0, 0];
  for (let i = 0; i < 20; i++) {
    const folder = join(root, `changing-${i}`);
    const cacheDir = join(root, `changing-${i}-cache`);
    writeImages(folder, { count: 200, sizes: [32] });
    const other = readFileSync(join(folder, 'train', 'class-1', '4.png'));
    const path = join(folder, 'train', 'class-0', `${i % 2 ? 0 : 2}.png`);
    const opening = openSource(folder, { cacheDir, onProgress: ({ step, done }) => step === 'hash' && done === 150 - 7 * i && writeFileSync(path, other) }); // biome-ignore format: one call
    const opened = await opening.catch((error) => error);
    if (opened instanceof Error) {
      must(opened.name === 'ChangedError', `a change must be told by name, got ${opened}`);
      must(
        !existsSync(cacheDir) || !readdirSync(cacheDir).some((name) => name.endsWith('.pack')),
        'no pack may be kept',
      );
      refused += 1;
    } else kept += 1;
    const pixels = async (options) => Buffer.concat(await Promise.all((await splitsOf(folder, options)).map(pixelsOf)));
    must(
      (await pixels({ cacheDir })).equals(await pixels({ cacheDir: join(root, `fresh-${i}`) })),
      'a pack must hold what its images are',
    );
  }
  return `images changed while they were packed 20 times: ${refused} refused, ${kept} before the look at them; every pack as its images`;
}

async function splitsOf(folder, options) {
  const opened = await openSource(folder, options);
  return Promise.all(opened.splits.toSorted().map((split) => opened.read(split)));
}

async function pixelsOf(set) {
  const all = [];
  for (let i = 0; i < set.length; i++) all.push((await set.read(i)).image.data);
  return Buffer.concat(all);
}

/** Servers as they are met, one after another, for one file; at its end it must be right. */
async function servers() {
  const bytes = Buffer.from(Uint8Array.from({ length: 400_000 }, (_, i) => (i * i) % 251));
  const answers = [
    (_, response) => response.writeHead(200, { 'content-length': bytes.length }).write(bytes.subarray(0, 150_000), () => setTimeout(() => response.destroy(), 50)), // biome-ignore format: one answer
    (_, response) => response.writeHead(200, { 'content-type': 'text/html' }).end('<html>log in</html>'),
    (_, response) => response.writeHead(200, { 'content-length': 5 }).end('Error'),
    (_, response) => response.writeHead(200, { 'content-length': bytes.length }).write(bytes.subarray(0, 10_000), () => setTimeout(() => response.destroy(), 50)), // biome-ignore format: one answer
    (_, response) => response.writeHead(503).end(),
    () => {},
    (request, response) => {
      const from = Number(request.headers.range?.match(/\d+/)?.[0] ?? 0);
      must(from > 0, 'what arrived first must have been kept');
      response
        .writeHead(206, { 'content-range': `bytes ${from}-${bytes.length - 1}/${bytes.length}` })
        .end(bytes.subarray(from));
    },
  ];
  let turn = 0;
  const server = createServer((request, response) => answers[turn](request, response));
  await new Promise((ready) => server.listen(0, '127.0.0.1', ready));
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  const file = { url: `http://127.0.0.1:${server.address().port}/x`, bytes: bytes.length, sha256 };
  const path = join(root, 'downloads', 'x.tar.gz');
  for (; turn < answers.length; turn++) {
    const error = await downloadFile(file, path, { stallSeconds: 1 }).then(
      () => null,
      (thrown) => thrown,
    );
    must((error === null) === (turn === answers.length - 1), `server ${turn} gave ${error}`);
  }
  must(
    readFileSync(path).equals(bytes) && readdirSync(join(root, 'downloads')).length === 1,
    'the file must be whole, alone',
  );
  server.closeAllConnections();
  server.close();
  return `${answers.length} servers that cut off, answer with a page, begin anew, fail and fall silent: the file whole at the end`;
}

/** Another user's remains in a cache with the sticky bit. */
async function remains() {
  if (!isRoot) return 'remains skipped: needs root to play two users';
  const cache = join(root, 'shared-cache');
  mkdirSync(cache);
  for (const name of ['a', 'b']) {
    const left = join(cache, `${name}.pack.4999999-00000000-00000000-00000000.tmp`);
    writeFileSync(left, 'theirs');
    utimesSync(left, 0, 0);
  }
  execFileSync('chmod', ['1777', cache]);
  execFileSync('chmod', ['-R', 'a+rX', root]);
  const folder = join(root, 'shared-images');
  writeImages(folder, { count: 16, sizes: [32] });
  const args = ['--reuid', '65534', '--clear-groups', process.execPath, resnetPath, 'data', 'info', folder];
  const ended = spawnSync('setpriv', args, {
    encoding: 'utf8',
    env: { ...process.env, RESNET_CACHE: cache, HOME: '/nonexistent' },
  });
  must(ended.status === 0, `a shared cache must be used, got ${ended.status}: ${ended.stderr}`);
  return "another user's remains in a shared cache: left, the data opened";
}

/** Two processes of two PID namespaces on one run. */
async function namespaces() {
  if (spawnSync('unshare', ['--pid', '--fork', 'true']).status !== 0)
    return 'namespaces skipped: unshare is not permitted';
  const directory = join(root, 'namespaces');
  const args = ['--pid', '--fork', '--kill-child', process.execPath, resnetPath, ...smallRun(directory, '--steps', '3000', '--milestones', '2000')]; // biome-ignore format: a command line
  const first = spawn('unshare', args, { stdio: ['ignore', 'ignore', 'pipe'] });
  await new Promise((started) => first.stderr.on('data', (data) => /\/3,000/.test(String(data)) && started()));
  const second = await resnet(['train', '--resume', directory]);
  first.kill('SIGKILL');
  must(
    second.code === 1 && /must be free.*in the namespace pid:/.test(second.stderr),
    `a second writer must be refused: ${second.stderr}`,
  );
  return 'two PID namespaces on one run: the second refused by namespace';
}

/**
 * Too few threads, for another user: root has no limit on processes. Node aborts by itself where it cannot start its own pool; from there on
 * each end must be in words. Those of glib, which sharp decodes with, are its own: it ends the process where it gets no thread.
 */
async function threads() {
  if (!isRoot) return 'threads skipped: needs root to play another user';
  const place = join(root, 'threads');
  mkdirSync(place);
  execFileSync('chmod', ['1777', place]);
  execFileSync('chmod', ['a+rx', root]);
  const [told, done] = [[], []];
  for (const most of [8, 11, 12, 13, 14, 16, 20, 40]) {
    const args = smallRun(join(place, `${most}`), '--workers', '2', '--threads', '4');
    const user = ['--reuid', '65534', '--clear-groups', 'prlimit', `--nproc=${most}`, process.execPath, resnetPath];
    const { status, signal, stderr } = spawnSync('setpriv', [...user, ...args], {
      encoding: 'utf8',
      timeout: 240_000,
      env: { ...process.env, RESNET_CACHE: place, HOME: place },
    });
    if (status === 0) done.push(most);
    else if (status === 1) {
      must(
        isWords(stderr) && /ulimit -u|fewer|Error creating thread/.test(stderr),
        `${most} threads must be told in words, got: ${stderr}`,
      );
      told.push(most);
    } else must(signal === 'SIGABRT' && isWords(stderr), `${most} threads gave ${status ?? signal}: ${stderr}`);
  }
  must(done.length > 0, 'with threads enough the run must finish');
  return `limits on threads: ${told.join(', ')} told in words, ${done.join(', ')} enough, the others too few for Node`;
}

/** Too few open files. */
async function limits() {
  const folder = join(root, 'limited-images');
  writeImages(folder, { count: 64, sizes: [32] });
  execFileSync('chmod', ['-R', 'a+rX', root]);
  const words = [];
  for (const limit of [18, 20, 22, 24, 28, 40]) {
    const line = `ulimit -n ${limit}; exec "${process.execPath}" "${resnetPath}" data info "${folder}"`;
    const { status, stderr } = spawnSync('bash', ['-c', line], { encoding: 'utf8', env: { ...process.env, RESNET_CACHE: join(root, `limit-${limit}`) } }); // biome-ignore format: one call
    must(status === 0 || isWords(stderr), `${limit} open files must be told in words, got: ${stderr}`);
    words.push(`${limit}: ${status}`);
  }
  return `limits on open files: in words or fine (${words.join(', ')})`;
}

for (const part of [changing, servers, remains, namespaces, threads, limits]) console.log(await part());
