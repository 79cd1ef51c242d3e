/**
 * A training step on one thread and on several, alternating in one run.
 *
 *   npm run bench:threads -- --model resnet20 --threads 2 --rounds 15 --steps 2
 *
 * Needs `npm run build`. Writes bench/threads.md.
 */
import { writeFileSync } from 'node:fs';
import { availableParallelism, cpus } from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { alternate } from './alternate.mjs';

const { values: options } = parseArgs({
  options: {
    model: { type: 'string', default: 'resnet20' },
    batch: { type: 'string', default: '128' },
    threads: { type: 'string', default: String(availableParallelism()) },
    rounds: { type: 'string', default: '15' },
    steps: { type: 'string', default: '2' },
  },
});

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const [rounds, steps] = [Number(options.rounds), Number(options.steps)];
const side = (threads) => ({
  name: `${threads} thread${threads === '1' ? '' : 's'}`,
  command: [
    process.execPath,
    here('../packages/cli/bin/resnet.js'),
    ...[
      'bench',
      '--model',
      options.model,
      '--batch',
      options.batch,
      '--backend',
      'simd',
      '--threads',
      threads,
      '--turns',
    ],
  ],
});

const { first, second, ratio, others } = await alternate(
  `${options.model} training ${options.batch}`,
  [side('1'), side(options.threads)],
  { rounds, steps },
);
const report = [
  '# One thread and several',
  '',
  `${cpus()[0]?.model.trim() ?? 'unknown CPU'}, Node ${process.version}, a training step of ${options.model}, batch ${options.batch}; ` +
    `medians over ${rounds} alternating rounds of ${steps} steps. Made by \`npm run bench:threads\`.`,
  '',
  `| 1 thread (s) | ${options.threads} threads (s) | times as fast | others |`,
  '| --: | --: | --: | --: |',
  `| ${first.median.toFixed(3)} | ${second.median.toFixed(3)} | ${ratio.toFixed(2)} | ${Math.round(100 * others)} % |`,
  '',
].join('\n');
writeFileSync(here('threads.md'), report);
process.stdout.write(report);
