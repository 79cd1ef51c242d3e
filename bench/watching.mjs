// What watching costs: the dashboard with 10 runs of 64,000 steps, and what logs and `--watch-layers 100` add to a training step.
// `node bench/watching.mjs [--steps 40] [--model resnet20]`, after `npm run build`. The page's part needs Chromium (CHROMIUM_PATH).
import { appendFileSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { startDashboard } from '@resnet/dashboard';
import { recipes, runRecipe } from '@resnet/experiments';
import { logEvents, logMetrics, logTensorBoard } from '@resnet/trainer/node';
import { chromium } from 'playwright-core';
import { from, lastValueFrom, tap } from 'rxjs';

const { values } = parseArgs({
  options: { steps: { type: 'string', default: '40' }, model: { type: 'string', default: 'resnet20' } },
});
const folder = mkdtempSync(join(tmpdir(), 'watching-'));
const median = (numbers) => numbers.toSorted((a, b) => a - b)[numbers.length >> 1];

const header = 'split,step,epoch,loss,error,meanLoss,meanError,rate,top5Error,time\n';
const row = (step) => {
  const [loss, error] = [2 / step + Math.random(), 1 / step + Math.random() / 10];
  return `train,${step},0,${loss},${error},${loss},${error},0.1,,${(step * 0.2).toFixed(3)}\n`;
};

/** Ten runs of 64,000 steps; the last goes on while it is watched. */
async function page() {
  const runs = join(folder, 'long');
  for (let run = 0; run < 10; run++) {
    const directory = join(runs, `run-${run}`);
    mkdirSync(directory, { recursive: true });
    writeFileSync(join(directory, 'recipe.json'), JSON.stringify({ recipe: { ...recipes.get('cifar10'), seed: run } }));
    writeFileSync(
      join(directory, 'metrics.csv'),
      header + Array.from({ length: 64_000 }, (_, i) => row(i + 1)).join(''),
    );
  }
  const start = performance.now();
  const dashboard = await startDashboard({ directory: runs, port: 0 });
  console.log(`server: 10 runs of 64,000 steps read in ${(performance.now() - start).toFixed(0)} ms`);
  const executablePath = process.env.CHROMIUM_PATH ?? '/usr/bin/chromium';
  if (existsSync(executablePath)) {
    const browser = await chromium.launch({ executablePath, args: ['--headless', '--no-sandbox', '--disable-gpu'] });
    const opened = await browser.newPage();
    const times = [];
    for (let i = 0; i < 5; i++) {
      const before = performance.now();
      await opened.goto(dashboard.url);
      await opened.waitForFunction(() => document.querySelectorAll('.chart canvas').length === 4);
      times.push(performance.now() - before);
    }
    console.log(`page: from the address to four charts of 10 runs in ${median(times).toFixed(0)} ms (median of 5)`);
    const [cpu, since] = [process.cpuUsage(), performance.now()];
    for (let step = 64_001; performance.now() - since < 15_000; step++) {
      appendFileSync(join(runs, 'run-9', 'metrics.csv'), row(step));
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    const { user, system } = process.cpuUsage(cpu);
    const share = (user + system) / 1000 / (performance.now() - since);
    console.log(
      `server: ${(100 * share).toFixed(1)} % of a core while a run writes 10 steps a second and a page follows`,
    );
    await browser.close();
  }
  await dashboard.close();
}

/** Milliseconds that the logs take for a step's event. */
async function logs() {
  const count = 5000;
  const step = {
    type: 'step',
    epoch: 0,
    batch: 0,
    images: 128,
    loss: 0.5,
    error: 0.25,
    meanLoss: 0.5,
    meanError: 0.25,
    rate: 0.1,
    seconds: 0.2,
    secondsForData: 0,
  };
  const events = Array.from({ length: count }, (_, i) => ({ ...step, step: i + 1 }));
  const begin = { type: 'start', step: 0, steps: count, epoch: 0, parameters: 1, evaluationPending: false };
  const start = performance.now();
  await lastValueFrom(
    from([begin, ...events]).pipe(
      logEvents(join(folder, 'events.jsonl')),
      logMetrics(join(folder, 'metrics.csv')),
      logTensorBoard(folder),
    ),
  );
  return (performance.now() - start) / count;
}

/** Milliseconds of a step, and of a measurement of all layers. */
async function layers() {
  const [steps, measured] = [[], []];
  const recipe = {
    ...recipes.get('shapes10'),
    model: { name: values.model },
    steps: Number(values.steps),
    schedule: { kind: 'constant', base: 0.01 },
    holdOut: 0,
    validateEvery: 0,
    overfit: 256,
    augment: 'none',
    checkpointEvery: 0,
    watchLayers: 10,
    backend: 'simd',
  };
  const watch = tap((event) => {
    if (event.type === 'step' && event.step > 5) steps.push(1000 * event.seconds);
    if (event.type === 'layers') measured.push(1000 * event.seconds);
  });
  await runRecipe(recipe, { directory: join(folder, 'run'), watch });
  return { step: median(steps), measurement: median(measured) };
}

await page();
const log = await logs();
const { step, measurement } = await layers();
const share = (part) => `${((100 * part) / step).toFixed(2)} %`;
console.log(`${values.model}, batch 128: step ${step.toFixed(1)} ms`);
console.log(`logs (events.jsonl, metrics.csv, TensorBoard): ${log.toFixed(3)} ms a step, ${share(log)}`);
console.log(`--watch-layers 100: ${measurement.toFixed(0)} ms a measurement, ${share(measurement / 100)} of training`);
rmSync(folder, { recursive: true });
process.exit();
