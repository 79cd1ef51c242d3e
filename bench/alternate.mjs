/** Processes that take steps by turns, so that what else runs on the machine slows both. */
import { spawn } from 'node:child_process';
import { cpus } from 'node:os';
import { createInterface } from 'node:readline';

export const median = (values) => {
  const sorted = values.toSorted((a, b) => a - b);
  return (sorted[Math.floor((sorted.length - 1) / 2)] + sorted[Math.ceil((sorted.length - 1) / 2)]) / 2;
};

/** A process that takes steps when told, as `resnet bench --turns` does. */
class Side {
  constructor([command, ...args]) {
    this.process = spawn(command, args, { stdio: ['pipe', 'pipe', 'inherit'] });
    this.lines = createInterface({ input: this.process.stdout })[Symbol.asyncIterator]();
    this.peakRssMb = 0;
  }

  async answer() {
    const { value, done } = await this.lines.next();
    if (done) throw new Error(`bench: ${this.process.spawnargs.join(' ')} must answer, and ended. Its error is above.`);
    return JSON.parse(value);
  }

  /** Takes `steps` steps. `others` is the share of all processors that other programs used meanwhile. */
  async turn(steps) {
    const start = processorTimes();
    this.process.stdin.write(`${steps}\n`);
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

/** Starts a command and waits until it is warm. */
async function startSide(command) {
  const side = new Side(command);
  await side.answer();
  return side;
}

const summary = (seconds, peakRssMb) => ({ median: median(seconds), min: Math.min(...seconds), peakRssMb, seconds });

/**
 * Two commands, `{ name, command }` each, by turns of `steps` steps. Keeps the `rounds` that were disturbed least; up to
 * four times as many are taken until enough were undisturbed. `ratio` is the first's time over the second's.
 */
export async function alternate(title, sides, { rounds: wanted, steps }) {
  const [first, second] = [await startSide(sides[0].command), await startSide(sides[1].command)];
  const rounds = [];
  const quiet = () => rounds.filter(({ others }) => others < 0.2).length;
  while (quiet() < wanted && rounds.length < 4 * wanted) {
    const [a, b] = [await first.turn(steps), await second.turn(steps)];
    const others = Math.max(a.others, b.others);
    rounds.push({ a: a.seconds, b: b.seconds, others });
    const busy = others < 0.2 ? '' : ` (others used ${Math.round(100 * others)} % of the processors)`;
    console.error(
      `${title}: ${sides[0].name} ${a.seconds.toFixed(4)} s, ${sides[1].name} ${b.seconds.toFixed(4)} s${busy}`,
    );
  }
  for (const side of [first, second]) side.process.stdin.end();
  const kept = rounds.toSorted((x, y) => x.others - y.others).slice(0, wanted);
  return {
    first: summary(
      kept.map(({ a }) => a),
      first.peakRssMb,
    ),
    second: summary(
      kept.map(({ b }) => b),
      second.peakRssMb,
    ),
    // The median of the rounds' own ratios, for machines drift.
    ratio: median(kept.map(({ a, b }) => a / b)),
    others: Math.max(...kept.map(({ others }) => others)),
  };
}
