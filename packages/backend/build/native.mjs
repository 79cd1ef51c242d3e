/**
 * Builds the native kernels for one platform into `native/build/PLATFORM`, a folder as npm publishes it. Without a C++ compiler it says so and ends well,
 * for everything works without them.
 *
 *   node build/native.mjs [--required] [--platform linux-arm64] [--test | --run] [--sanitize]
 *
 * `CXX` names the compiler; for another platform it must be a cross compiler. `--test` builds the kernels' test instead, `--sanitize` with sanitizers, `--run` builds
 * and runs it; see native/README.md.
 */
import { execFile, execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs, promisify } from 'node:util';
import { manifestOf, platforms, thisPlatform } from './platforms.mjs';

const { values: options } = parseArgs({
  options: {
    platform: { type: 'string', default: thisPlatform() },
    required: { type: 'boolean', default: false },
    test: { type: 'boolean', default: false },
    run: { type: 'boolean', default: false },
    sanitize: { type: 'boolean', default: false },
  },
});

const root = fileURLToPath(new URL('..', import.meta.url));
const from = (...path) => join(root, 'native', ...path);
const run = promisify(execFile);

/** The instructions of each level. */
const x64 = {
  avx2: ['-DRESNET_WIDTH=8', '-mavx2', '-mfma'],
  avx512: ['-DRESNET_WIDTH=16', '-mavx512f', '-mavx512vl', '-mavx512dq', '-mavx512bw', '-mfma', '-mprefer-vector-width=512'],
}; // biome-ignore format: an option and its value belong together
const levels = { x64, arm64: { neon: ['-DRESNET_WIDTH=4'] } };

const common = [
  '-std=c++17',
  '-Wall',
  '-Wextra',
  '-fPIC',
  '-ffp-contract=fast',
  '-fno-math-errno',
  '-fno-trapping-math',
];
const release = ['-O3', '-fvisibility=hidden', '-fno-exceptions', '-fno-rtti'];
const sanitized = ['-O1', '-g', '-fsanitize=address,undefined', '-fno-sanitize-recover=all'];

/** How an addon is linked: Node's own functions are found when it is loaded. */
const linking = {
  linux: ['-shared', '-static-libstdc++', '-static-libgcc', '-Wl,-s', '-Wl,--exclude-libs,ALL', '-Wl,--gc-sections'],
  darwin: ['-bundle', '-undefined', 'dynamic_lookup'],
  win32: ['-shared', '-static'],
};

/** The first compiler that runs. */
function findCompiler() {
  for (const name of process.env.CXX ? [process.env.CXX] : ['g++', 'clang++', 'c++']) {
    try {
      execFileSync(name, ['--version'], { stdio: 'ignore' });
      return name;
    } catch {}
  }
  return undefined;
}

/** Where node_api.h lies, if it is installed. */
function findHeaders() {
  try {
    return createRequire(import.meta.url)('node-api-headers').include_dir;
  } catch {
    return undefined;
  }
}

/** A file of Windows' linker that says which functions node.exe has. */
function importLibrary(folder) {
  const definitions = createRequire(import.meta.url)('node-api-headers').def_paths.node_api_def;
  const library = join(folder, 'libnode.a');
  execFileSync(process.env.DLLTOOL ?? 'dlltool', ['-d', definitions, '-l', library]);
  return library;
}

/** Compiles `sources`, each with its options, at once, and links them. */
async function build(compiler, sources, flags, link, output) {
  const folder = mkdtempSync(join(tmpdir(), 'resnet-native-'));
  try {
    const objects = await Promise.all(
      sources.map(async ({ file, options = [] }, i) => {
        const object = join(folder, `${i}.o`);
        await run(compiler, [...common, ...flags, ...options, '-c', file, '-o', object]);
        return object;
      }),
    );
    const libraries = link === linking.win32 ? [importLibrary(folder)] : [];
    await run(compiler, [...objects, ...libraries, ...link, '-o', output]);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const kernels = (cpu) =>
  Object.entries(levels[cpu]).map(([level, instructions]) => ({
    file: from('src/kernels.cpp'),
    options: [`-DRESNET_LEVEL=${level}`, ...instructions],
  }));

/** A hash of all that the addon is made from: it is built anew when that changes. */
function stampOf(compiler, manifest) {
  const hash = createHash('sha256').update(compiler).update(JSON.stringify(manifest));
  const files = [
    ...readdirSync(from('src')).map((name) => from('src', name)),
    join(root, 'dist/contract.h'),
    fileURLToPath(import.meta.url),
  ];
  for (const file of files.sort()) hash.update(readFileSync(file));
  return hash.digest('hex');
}

async function buildAddon(compiler, headers, { platform }) {
  const { os, cpu } = platforms[platform];
  const manifest = manifestOf(platform, JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')));
  const folder = from('build', platform);
  const stamp = stampOf(compiler, manifest);
  if (existsSync(join(folder, 'stamp')) && readFileSync(join(folder, 'stamp'), 'utf8') === stamp) return;
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const sources = [
    ...kernels(cpu),
    { file: from('src/levels.cpp') },
    { file: from('src/addon.cpp'), options: [`-I${headers}`] },
  ];
  const flags = [...release, `-I${join(root, 'dist')}`];
  await build(compiler, sources, flags, linking[os], join(folder, 'resnet.node'));
  writeFileSync(join(folder, 'package.json'), `${JSON.stringify(manifest, undefined, 2)}\n`);
  copyFileSync(join(root, 'LICENSE'), join(folder, 'LICENSE'));
  copyFileSync(from('package-readme.md'), join(folder, 'README.md'));
  writeFileSync(join(folder, 'stamp'), stamp);
}

async function buildTest(compiler, { platform, sanitize }) {
  mkdirSync(from('build'), { recursive: true });
  const sources = [
    ...kernels(platforms[platform].cpu),
    { file: from('src/levels.cpp') },
    { file: from('test/kernels-test.cpp') },
  ];
  const flags = [...(sanitize ? sanitized : release), `-I${join(root, 'dist')}`, `-I${from('src')}`];
  const link = ['-lpthread', ...(sanitize ? sanitized : ['-static'])];
  const output = from('build', `kernels-test-${platform}${sanitize ? '-sanitized' : ''}`);
  await build(compiler, sources, flags, link, output);
  process.stdout.write(`${output}\n`);
  return output;
}

/** What is missing, if something is. */
function obstacle(compiler, headers) {
  if (!platforms[options.platform])
    return `there are none for ${options.platform}, only for ${Object.keys(platforms).join(', ')}`;
  if (!compiler) return 'they need a C++ compiler. Install g++ or clang, or name one in CXX';
  if (!headers) return 'they need node-api-headers. Run npm ci';
  return undefined;
}

const compiler = findCompiler();
const headers = findHeaders();
const missing = obstacle(compiler, headers);
if (missing) {
  process.stderr.write(`native kernels: ${missing}. WebAssembly does their work.\n`);
  process.exitCode = options.required ? 1 : 0;
} else if (options.test || options.sanitize || options.run) {
  const test = await buildTest(compiler, options);
  if (options.run) execFileSync(test, { stdio: 'inherit' });
} else {
  await buildAddon(compiler, headers, options);
}
