/**
 * Our step and PyTorch's, alternating in one run on the same machine, so that what else runs there slows both.
 * Each side is one process, which takes a few steps when told and sleeps while the other takes its own. Rounds in which
 * other programs used the processors are taken again, for they hurt the two sides differently.
 *
 *   npm run bench:peers -- --models resnet20,resnet56 --threads 2 --rounds 15 --steps 2
 *   npm run bench:peers -- --models resnet110 --only training --rounds 5 --steps 1
 *   npm run bench:peers -- --models resnet18 --batch 16 --level avx2 --rounds 5 --steps 1
 *   DNNL_MAX_CPU_ISA=AVX2 ATEN_CPU_CAPABILITY=avx2 npm run bench:peers -- --level avx2
 *   npm run bench:peers -- --python /venv/bin/python --compile
 *
 * Needs `npm run build` and Python 3 with PyTorch (Debian: apt install python3-torch). Writes bench/peers.md and .json,
 * or what --out names.
 */
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { availableParallelism, cpus } from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { alternate } from './alternate.mjs';

const { values: options } = parseArgs({
  options: {
    models: { type: 'string', default: 'resnet20,resnet56' },
    batch: { type: 'string', default: '128' },
    only: { type: 'string' }, // training or inference
    rounds: { type: 'string', default: '15' },
    steps: { type: 'string', default: '2' },
    warmup: { type: 'string', default: '3' },
    threads: { type: 'string', default: String(availableParallelism()) },
    backend: { type: 'string', default: 'simd' },
    level: { type: 'string' }, // kernels of the simd backend; default: the best here
    compile: { type: 'boolean', default: false }, // torch.compile
    node: { type: 'string', default: process.execPath },
    python: { type: 'string', default: '' },
    out: { type: 'string', default: 'peers' },
  },
});

const here = (path) => fileURLToPath(new URL(path, import.meta.url));

/** A Python that can import torch: Debian's is not always the first on the path. */
function findPython() {
  const candidates = options.python ? [options.python] : ['python3', '/usr/bin/python3'];
  for (const python of candidates) {
    try {
      execFileSync(python, ['-c', 'import torch'], { stdio: 'ignore' });
      return python;
    } catch {}
  }
  console.error(
    `bench:peers: a Python that can import torch is needed, tried ${candidates.join(' and ')}. ` +
      'Install it (Debian: apt install python3-torch) or name one with --python.',
  );
  process.exit(1);
}

/** What is measured: every model in training and inference, and ResNet-20's inference at 500 images as well. */
function cases() {
  const batch = Number(options.batch);
  return options.models
    .split(',')
    .flatMap((model) =>
      [
        { model, batch, task: 'training' },
        { model, batch, task: 'inference' },
        ...(model === 'resnet20' ? [{ model, batch: 500, task: 'inference' }] : []),
      ].filter(({ task }) => !options.only || task === options.only),
    );
}

async function compare({ model, batch, task }, python) {
  const args = ['--model', model, '--batch', String(batch), '--warmup', options.warmup, '--threads', options.threads];
  if (task === 'inference') args.push('--inference');
  const cli = here('../packages/cli/bin/resnet.js');
  const level = options.level ? ['--level', options.level] : [];
  const compiled = options.compile ? ['--compile'] : [];
  const { first, second, ratio, others } = await alternate(
    `${model} ${task} ${batch}`,
    [
      {
        name: 'ours',
        command: [options.node, cli, 'bench', ...args, '--backend', options.backend, ...level, '--turns'],
      },
      { name: 'PyTorch', command: [python, here('pytorch.py'), ...args, ...compiled] },
    ],
    { rounds: Number(options.rounds), steps: Number(options.steps) },
  );
  // Below 1 we are faster, or smaller.
  const ratios = { time: ratio, memory: first.peakRssMb / second.peakRssMb };
  return { model, batch, task, ours: first, pytorch: second, ratio: ratios, others };
}

function table({ machine, results }) {
  const row = ({ model, task, batch, ours, pytorch, ratio, others }) =>
    `| ${model} | ${task} | ${batch} | ${ours.median.toFixed(3)} | ${pytorch.median.toFixed(3)} | ${ratio.time.toFixed(2)} | ` +
    `${ours.peakRssMb} | ${pytorch.peakRssMb} | ${ratio.memory.toFixed(2)} | ${Math.round(100 * others)} % |`;
  return [
    "# Our step and PyTorch's",
    '',
    `${machine.cpu}, ${machine.threads} threads, Node ${machine.node}, PyTorch ${machine.pytorch}, backend ${machine.backend}, level ${machine.level}; ` +
      `medians over ${machine.rounds} alternating rounds of ${machine.steps} steps. ` +
      `others: the largest share of the processors that other programs used. Made by \`${machine.command}\`.`,
    '',
    '| model | task | batch | ours (s) | PyTorch (s) | time ratio | ours (MB) | PyTorch (MB) | memory ratio | others |',
    '| --- | --- | --: | --: | --: | --: | --: | --: | --: | --: |',
    ...results.map(row),
    '',
  ].join('\n');
}

const python = findPython();
const machine = {
  cpu: cpus()[0]?.model.trim() ?? 'unknown CPU',
  threads: Number(options.threads),
  node: execFileSync(options.node, ['--version'], { encoding: 'utf8' }).trim(),
  pytorch:
    execFileSync(python, [here('pytorch.py'), '--describe'], { encoding: 'utf8' }).trim() +
    (options.compile ? ', compiled' : ''),
  backend: options.backend,
  level: options.level ?? process.env.RESNET_LEVEL ?? 'the best',
  rounds: Number(options.rounds),
  steps: Number(options.steps),
  command: ['npm run bench:peers', ...(process.argv.length > 2 ? ['--', ...process.argv.slice(2)] : [])].join(' '),
};
const results = [];
for (const benchCase of cases()) results.push(await compare(benchCase, python));
const report = { machine, results };
writeFileSync(here(`${options.out}.json`), `${JSON.stringify(report, null, 2)}\n`);
writeFileSync(here(`${options.out}.md`), table(report));
process.stdout.write(table(report));
