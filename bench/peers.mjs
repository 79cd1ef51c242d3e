/**
 * Our step and PyTorch's, alternating in one run on the same machine, so that what else runs there slows both.
 * Each side is one process, which takes a few steps when told and sleeps while the other takes its own. Rounds in which
 * other programs used the processors are taken again, for they hurt the two sides differently.
 *
 *   npm run bench:peers -- --models resnet20,resnet56 --threads 2 --rounds 15 --steps 2
 *   npm run bench:peers -- --models resnet110 --only training --rounds 5 --steps 1
 *
 * Needs `npm run build` and Python 3 with PyTorch (Debian: apt install python3-torch). Writes bench/peers.md and .json,
 * or what --out names.
 */
import { execFileSync, spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { availableParallelism, cpus } from 'node:os';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

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
    node: { type: 'string', default: process.execPath },
    python: { type: 'string', default: '' },
    out: { type: 'string', default: 'peers' },
  },
});

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
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

/** A process that takes steps when told. */
class Side {
  constructor(command, args) {
    this.process = spawn(command, args, { stdio: ['pipe', 'pipe', 'inherit'] });
    this.lines = createInterface({ input: this.process.stdout })[Symbol.asyncIterator]();
    this.peakRssMb = 0;
  }

  async answer() {
    const { value, done } = await this.lines.next();
    if (done)
      throw new Error(`bench:peers: ${this.process.spawnargs.join(' ')} must answer, and ended. Its error is above.`);
    return JSON.parse(value);
  }

  /** Takes the steps of a round. `others` is the share of all processors that other programs used meanwhile. */
  async turn() {
    const start = processorTimes();
    this.process.stdin.write(`${options.steps}\n`);
    const { seconds, cpuSeconds, peakRssMb } = await this.answer();
    const end = processorTimes();
    this.peakRssMb = peakRssMb;
    return { seconds: median(seconds), others: (end.busy - start.busy - cpuSeconds) / (end.total - start.total) };
  }
}

/** Seconds that all processors together have worked, and have been there. */
function processorTimes() {
  const sum = (values) => values.reduce((a, b) => a + b, 0);
  const times = cpus().map((cpu) => cpu.times);
  const total = sum(times.flatMap((time) => Object.values(time))) / 1000;
  return { total, busy: total - sum(times.map(({ idle }) => idle)) / 1000 };
}

/** Starts a side and waits until it is warm. */
async function startSide(command, args) {
  const side = new Side(command, args);
  await side.answer();
  return side;
}

async function compare({ model, batch, task }, python) {
  const args = ['--model', model, '--batch', String(batch), '--warmup', options.warmup, '--threads', options.threads];
  if (task === 'inference') args.push('--inference');
  const command = [here('../packages/cli/bin/resnet.js'), 'bench', ...args, '--backend', options.backend, '--turns'];
  const ours = await startSide(options.node, command);
  const pytorch = await startSide(python, [here('pytorch.py'), ...args]);
  const rounds = await alternate(ours, pytorch, `${model} ${task} ${batch}`);
  for (const side of [ours, pytorch]) side.process.stdin.end();
  return {
    model,
    batch,
    task,
    ours: summary(
      rounds.map(({ ours }) => ours.seconds),
      ours.peakRssMb,
    ),
    pytorch: summary(
      rounds.map(({ pytorch }) => pytorch.seconds),
      pytorch.peakRssMb,
    ),
    // Below 1 we are faster; the median of the rounds' own ratios, for machines drift.
    ratio: {
      time: median(rounds.map(({ ours, pytorch }) => ours.seconds / pytorch.seconds)),
      memory: ours.peakRssMb / pytorch.peakRssMb,
    },
    others: Math.max(...rounds.map((round) => round.others)),
  };
}

/** The rounds asked for that were disturbed least; up to four times as many are tried until enough were undisturbed. */
async function alternate(ours, pytorch, name) {
  const wanted = Number(options.rounds);
  const rounds = [];
  const quiet = () => rounds.filter(({ others }) => others < 0.2).length;
  while (quiet() < wanted && rounds.length < 4 * wanted) {
    const round = { ours: await ours.turn(), pytorch: await pytorch.turn() };
    round.others = Math.max(round.ours.others, round.pytorch.others);
    rounds.push(round);
    const busy = round.others < 0.2 ? '' : ` (others used ${Math.round(100 * round.others)} % of the processors)`;
    console.error(
      `${name}: ours ${round.ours.seconds.toFixed(4)} s, PyTorch ${round.pytorch.seconds.toFixed(4)} s${busy}`,
    );
  }
  return rounds.toSorted((a, b) => a.others - b.others).slice(0, wanted);
}

const summary = (seconds, peakRssMb) => ({ median: median(seconds), min: Math.min(...seconds), peakRssMb, seconds });

function table({ machine, results }) {
  const row = ({ model, task, batch, ours, pytorch, ratio, others }) =>
    `| ${model} | ${task} | ${batch} | ${ours.median.toFixed(3)} | ${pytorch.median.toFixed(3)} | ${ratio.time.toFixed(2)} | ` +
    `${ours.peakRssMb} | ${pytorch.peakRssMb} | ${ratio.memory.toFixed(2)} | ${Math.round(100 * others)} % |`;
  return [
    "# Our step and PyTorch's",
    '',
    `${machine.cpu}, ${machine.threads} threads, Node ${machine.node}, PyTorch ${machine.pytorch}, backend ${machine.backend}; ` +
      `medians over ${machine.rounds} alternating rounds of ${machine.steps} steps. ` +
      'others: the largest share of the processors that other programs used. Made by `npm run bench:peers`.',
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
  pytorch: execFileSync(python, ['-c', 'import torch; print(torch.__version__)'], { encoding: 'utf8' }).trim(),
  backend: options.backend,
  rounds: Number(options.rounds),
  steps: Number(options.steps),
};
const results = [];
for (const benchCase of cases()) results.push(await compare(benchCase, python));
const report = { machine, results };
writeFileSync(here(`${options.out}.json`), `${JSON.stringify(report, null, 2)}\n`);
writeFileSync(here(`${options.out}.md`), table(report));
process.stdout.write(table(report));
