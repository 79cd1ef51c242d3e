/**
 * What contributors measure before and after a change: start-up, data, kernels, whole steps. Every part runs once a round in a
 * process of its own, so that a machine that gets slower hurts all parts. The result is compared with the last one in the history
 * from a machine like this and then added to it.
 *
 *   npm run bench -- [PART…] [--rounds 5] [--note TEXT] [--history bench/history.json] [--no-save] [--json]
 *
 * bench/README.md says what the figures mean and how far to trust them.
 */
import { execFileSync, spawn } from 'node:child_process';
import { availableParallelism, cpus } from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { compare, lastFrom, readHistory, summarize, table, writeHistory } from './history.mjs';
import { parts } from './parts.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const { values: options, positionals: wanted } = parseArgs({
  allowPositionals: true,
  options: {
    rounds: { type: 'string', default: '5' },
    note: { type: 'string', default: '' },
    history: { type: 'string', default: fileURLToPath(new URL('history.json', import.meta.url)) },
    'no-save': { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
  },
});

function usage(message) {
  console.error(`bench: ${message}`);
  process.exit(2);
}

const rounds = Number(options.rounds);
if (!Number.isInteger(rounds) || rounds < 1) usage(`--rounds must be a whole number from 1 up, got ${options.rounds}.`);
const names = parts.map(({ name }) => name);
const unknown = wanted.find((name) => !names.includes(name));
if (unknown !== undefined) usage(`a part must be one of ${names.join(', ')}, got ${unknown}.`);

/** Runs a part: how long its process took, and the JSON that it printed. */
const measure = ({ name, command }) =>
  new Promise((resolve, reject) => {
    const start = performance.now();
    const child = spawn(process.execPath, command, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] });
    let stdout = '';
    let stderr = '';
    child.stdout.on('data', (chunk) => {
      stdout += chunk;
    });
    child.stderr.on('data', (chunk) => {
      stderr += chunk;
    });
    child.on('error', reject);
    child.on('close', (code) => {
      const seconds = (performance.now() - start) / 1000;
      if (code === 0) resolve({ seconds, stdout });
      else
        reject(
          new Error(`bench: ${name} must end with 0, got ${code}. Run \`npm run build\`, then it alone.\n${stderr}`),
        );
    });
  });

/** Every figure's rounds. */
async function allRounds(chosen) {
  const samples = [];
  for (let round = 1; round <= rounds; round++) {
    console.error(`round ${round} of ${rounds}`);
    for (const part of chosen) samples.push(...Object.entries(part.figures(await measure(part))));
  }
  const names = [...new Set(samples.map(([name]) => name))];
  const roundsOf = (wanted) => samples.filter(([name]) => name === wanted).map(([, seconds]) => seconds);
  const figures = names.map((name) => [name, roundsOf(name)]);
  // A kernel at the edge of what is reported may be missing from a round.
  const whole = figures.filter(([, seconds]) => seconds.length === rounds);
  return Object.fromEntries(whole.map(([name, seconds]) => [name, summarize(seconds)]));
}

const git = (...args) => execFileSync('git', args, { cwd: root, encoding: 'utf8' }).trim();

/** The commit that was measured, with a + for changes on top of it; null outside a clone. */
function commit() {
  try {
    return git('rev-parse', '--short', 'HEAD') + (git('status', '--porcelain', '--untracked-files=no') ? '+' : '');
  } catch {
    return null;
  }
}

const entries = readHistory(options.history);
const machine = {
  cpu: cpus()[0]?.model.trim() ?? 'unknown',
  threads: availableParallelism(),
  node: Number(process.versions.node.split('.')[0]),
};
const figures = await allRounds(parts.filter(({ name }) => wanted.length === 0 || wanted.includes(name)));
const entry = { date: new Date().toISOString(), commit: commit(), note: options.note, machine, rounds, figures };
const last = lastFrom(machine, entries);
const comparison = compare(figures, last?.figures);
if (options.json) console.log(JSON.stringify({ ...entry, comparedWith: last?.commit ?? null, comparison }));
else {
  console.log(table(comparison).join('\n'));
  console.log(
    last
      ? `Beside ${last.commit ?? 'the last measurement'} of ${last.date.slice(0, 10)}${last.note && ` (${last.note})`}.`
      : 'The first measurement of a machine like this.',
  );
}
if (!options['no-save']) writeHistory(options.history, [...entries, entry]);
