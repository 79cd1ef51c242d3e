/**
 * Plain against relaxed SIMD on newer Nodes: runs the backend's tests on each, then alternates `resnet bench` between
 * the two builds. The Nodes come from the npm registry into a temporary folder.
 *
 *   npm run bench:relaxed -- --nodes 22,24 --model resnet20 --batch 128 --rounds 15 --steps 2
 *
 * Needs `npm run build`. Writes bench/relaxed.md.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { alternate } from './alternate.mjs';

const { values: options } = parseArgs({
  options: {
    nodes: { type: 'string', default: '22,24' },
    model: { type: 'string', default: 'resnet20' },
    batch: { type: 'string', default: '128' },
    rounds: { type: 'string', default: '15' },
    steps: { type: 'string', default: '2' },
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

async function measure(version) {
  const node = installNode(version);
  const name = execFileSync(node, ['--version'], { encoding: 'utf8' }).trim();
  const tests = options['skip-tests'] ? 'not run' : runTests(node);
  const args = ['--model', options.model, '--batch', options.batch, '--threads', options.threads, '--backend', 'simd'];
  const cli = join(root, 'packages/cli/bin/resnet.js');
  const side = (level) => ({ name: level, command: [node, cli, 'bench', ...args, '--level', level, '--turns'] });
  const title = `${options.model} training ${options.batch} on ${name}`;
  const rounds = { rounds: Number(options.rounds), steps: Number(options.steps) };
  const { first, second, ratio } = await alternate(title, [side('relaxed'), side('simd128')], rounds);
  return { name, tests, relaxed: first.median, simd128: second.median, ratio };
}

const row = ({ name, tests, simd128, relaxed, ratio }) =>
  `| ${name} | ${simd128.toFixed(3)} | ${relaxed.toFixed(3)} | ${ratio.toFixed(2)} | ${tests} |`;

try {
  const results = [];
  for (const version of options.nodes.split(',')) results.push(await measure(version));
  const report = [
    '# Plain and relaxed SIMD',
    '',
    `A training step of ${options.model} at batch ${options.batch}, ${options.threads} threads, ${cpus()[0]?.model.trim()}; medians over ` +
      `${options.rounds} alternating rounds of ${options.steps} steps. Made by \`npm run bench:relaxed --\`.`,
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
