/**
 * Our step and PyTorch's, alternating in one run on the same machine, so that what else runs there slows both.
 * Each round is a fresh process of ours, then a fresh one of PyTorch's; they never run at the same time.
 *
 *   npm run bench:peers -- --models resnet20,resnet56 --threads 2 --rounds 5 --steps 10
 *   npm run bench:peers -- --models resnet110 --only training --rounds 3 --steps 3
 *
 * Needs `npm run build` and Python 3 with PyTorch (Debian: apt install python3-torch). Writes bench/peers.md and .json,
 * or what --out names.
 */
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { availableParallelism, cpus } from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const { values: options } = parseArgs({
  options: {
    models: { type: 'string', default: 'resnet20,resnet56' },
    batch: { type: 'string', default: '128' },
    only: { type: 'string' }, // training or inference
    rounds: { type: 'string', default: '5' },
    steps: { type: 'string', default: '10' },
    threads: { type: 'string', default: String(availableParallelism()) },
    backend: { type: 'string', default: 'simd' },
    node: { type: 'string', default: process.execPath },
    python: { type: 'string', default: '' },
    out: { type: 'string', default: 'peers' },
  },
});

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const run = (command, args) =>
  JSON.parse(execFileSync(command, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] }));
const median = (values) => {
  const sorted = values.toSorted((a, b) => a - b);
  return (sorted[Math.floor((sorted.length - 1) / 2)] + sorted[Math.ceil((sorted.length - 1) / 2)]) / 2;
};

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

function roundArgs({ model, batch, task }) {
  const numbers = ['--batch', batch, '--steps', options.steps, '--threads', options.threads].map(String);
  return ['--model', model, ...numbers, ...(task === 'inference' ? ['--inference'] : [])];
}

function compare(benchCase, python) {
  const args = roundArgs(benchCase);
  const ours = [];
  const theirs = [];
  for (let round = 0; round < Number(options.rounds); round += 1) {
    ours.push(
      run(options.node, [
        here('../packages/cli/bin/resnet.js'),
        'bench',
        ...args,
        '--backend',
        options.backend,
        '--json',
      ]),
    );
    theirs.push(run(python, [here('pytorch.py'), ...args]));
    const seconds = (side) => side.at(-1).secondsPerStep.median.toFixed(4);
    console.error(
      `${benchCase.model} ${benchCase.task} ${benchCase.batch}: ours ${seconds(ours)} s, PyTorch ${seconds(theirs)} s`,
    );
  }
  return { ...benchCase, ours: summary(ours), pytorch: summary(theirs), ratio: ratios(ours, theirs) };
}

const summary = (rounds) => ({
  median: median(rounds.map((round) => round.secondsPerStep.median)),
  min: Math.min(...rounds.map((round) => round.secondsPerStep.min)),
  peakRssMb: Math.max(...rounds.map((round) => round.peakRssMb)),
  rounds: rounds.map((round) => round.secondsPerStep.median),
});

/** Ours over PyTorch's: below 1 we are faster. `time` is the median of the rounds' own ratios, for machines drift. */
const ratios = (ours, theirs) => ({
  time: median(ours.map((round, i) => round.secondsPerStep.median / theirs[i].secondsPerStep.median)),
  memory: summary(ours).peakRssMb / summary(theirs).peakRssMb,
});

function table({ machine, results }) {
  const row = ({ model, task, batch, ours, pytorch, ratio }) =>
    `| ${model} | ${task} | ${batch} | ${ours.median.toFixed(3)} | ${pytorch.median.toFixed(3)} | ${ratio.time.toFixed(2)} | ` +
    `${ours.peakRssMb} | ${pytorch.peakRssMb} | ${ratio.memory.toFixed(2)} |`;
  return [
    "# Our step and PyTorch's",
    '',
    `${machine.cpu}, ${machine.threads} threads, Node ${machine.node}, PyTorch ${machine.pytorch}, backend ${machine.backend}; ` +
      `medians over ${machine.rounds} alternating rounds of ${machine.steps} steps. Made by \`npm run bench:peers\`.`,
    '',
    '| model | task | batch | ours (s) | PyTorch (s) | time ratio | ours (MB) | PyTorch (MB) | memory ratio |',
    '| --- | --- | --: | --: | --: | --: | --: | --: | --: |',
    ...results.map(row),
    '',
  ].join('\n');
}

const python = findPython();
const machine = {
  cpu: cpus()[0]?.model.trim() ?? 'unknown CPU',
  threads: Number(options.threads),
  node: execFileSync(options.node, ['--version'], { encoding: 'utf8' }).trim(),
  pytorch: execFileSync(python, ['-c', 'import torch; print(torch.__version__)'], { encoding: 'utf8' }).trim(),
  backend: options.backend,
  rounds: Number(options.rounds),
  steps: Number(options.steps),
};
const report = { machine, results: cases().map((benchCase) => compare(benchCase, python)) };
writeFileSync(here(`${options.out}.json`), `${JSON.stringify(report, null, 2)}\n`);
writeFileSync(here(`${options.out}.md`), table(report));
process.stdout.write(table(report));
