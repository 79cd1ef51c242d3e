/**
 * Plain against relaxed SIMD on newer Nodes: runs the backend's tests on each, then alternates `resnet bench` between
 * the two builds. The Nodes come from the npm registry into a temporary folder.
 *
 *   node bench/relaxed.mjs --nodes 22,24 --model resnet20 --batch 128 --rounds 5 --steps 10
 *
 * Needs `npm run build`. Writes bench/relaxed.md.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const { values: options } = parseArgs({
  options: {
    nodes: { type: 'string', default: '22,24' },
    model: { type: 'string', default: 'resnet20' },
    batch: { type: 'string', default: '128' },
    rounds: { type: 'string', default: '5' },
    steps: { type: 'string', default: '10' },
    threads: { type: 'string', default: String(availableParallelism()) },
    'skip-tests': { type: 'boolean', default: false },
  },
});

const root = fileURLToPath(new URL('..', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'resnet-nodes-'));

/** The platform's own package, which the registry's `node` package would fetch in an install script. */
function installNode(version) {
  const name = `node-${process.platform === 'win32' ? 'win' : process.platform}-${process.arch}`;
  const prefix = join(folder, version);
  execFileSync('npm', ['install', '--silent', '--no-save', '--prefix', prefix, `${name}@${version}`], {
    stdio: 'inherit',
  });
  return join(prefix, 'node_modules', name, 'bin', process.platform === 'win32' ? 'node.exe' : 'node');
}

/** The last line of the backend's tests on this Node, where relaxed SIMD is the default: `N passed, N failed`. */
function runTests(node) {
  const { stdout } = spawnSync(node, ['node_modules/vitest/vitest.mjs', 'run', 'packages/backend/'], {
    cwd: root,
    encoding: 'utf8',
  });
  return stdout.trim().split('\n').at(-1);
}

function secondsPerStep(node, simd) {
  const numbers = ['--batch', options.batch, '--steps', options.steps, '--threads', options.threads];
  const args = ['bench', '--model', options.model, ...numbers, '--backend', 'simd', '--simd', simd, '--json'];
  const output = execFileSync(node, ['packages/cli/bin/resnet.js', ...args], {
    cwd: root,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const result = JSON.parse(output);
  if (result.simd !== simd) throw new Error(`relaxed: bench must run the ${simd} build, got ${result.simd}.`);
  return result.secondsPerStep.median;
}

const median = (values) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];

function measure(version) {
  const node = installNode(version);
  const name = execFileSync(node, ['--version'], { encoding: 'utf8' }).trim();
  const tests = options['skip-tests'] ? 'not run' : runTests(node);
  const rounds = Array.from({ length: Number(options.rounds) }, () => {
    const round = { simd128: secondsPerStep(node, 'simd128'), relaxed: secondsPerStep(node, 'relaxed') };
    console.error(`${name}: simd128 ${round.simd128.toFixed(4)} s, relaxed ${round.relaxed.toFixed(4)} s`);
    return round;
  });
  return {
    name,
    tests,
    simd128: median(rounds.map((round) => round.simd128)),
    relaxed: median(rounds.map((round) => round.relaxed)),
    ratio: median(rounds.map((round) => round.relaxed / round.simd128)),
  };
}

const row = ({ name, tests, simd128, relaxed, ratio }) =>
  `| ${name} | ${simd128.toFixed(3)} | ${relaxed.toFixed(3)} | ${ratio.toFixed(2)} | ${tests} |`;

try {
  const results = options.nodes.split(',').map(measure);
  const report = [
    '# Plain and relaxed SIMD',
    '',
    `A training step of ${options.model} at batch ${options.batch}, ${options.threads} threads, ${cpus()[0]?.model.trim()}; medians over ` +
      `${options.rounds} alternating rounds of ${options.steps} steps. Made by \`node bench/relaxed.mjs\`.`,
    '',
    '| Node | simd128 (s) | relaxed (s) | ratio | backend tests, relaxed |',
    '| --- | --: | --: | --: | --- |',
    ...results.map(row),
    '',
  ].join('\n');
  writeFileSync(join(root, 'bench', 'relaxed.md'), report);
  process.stdout.write(report);
} finally {
  rmSync(folder, { recursive: true });
}
