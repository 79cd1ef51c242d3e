import { createInterface } from 'node:readline';
import { type ComputePlace, startBackend } from '@resnet/experiments';
import type { Backend, SimdLevel } from '@resnet/experiments/bench';
import { inferenceSteps, kernelTable, profile, type Steps, take, trainingSteps } from '@resnet/experiments/bench';
import { createModel, modelArchitecture, summarizeModel } from '@resnet/models';
import type { RecordingReport } from '@resnet/trainer';
import type { LayersModel } from '@tensorflow/tfjs';
import { note, print, printJson } from '../output';

/** Options of `resnet bench`, as its command parses them. */
export interface BenchOptions extends ComputePlace {
  readonly model: string;
  readonly batch: number;
  readonly steps: number;
  readonly warmup: number;
  readonly inference?: boolean;
  readonly profile?: boolean;
  /** Take as many steps as each line of stdin says. */
  readonly turns?: boolean;
  readonly json?: boolean;
}

/** The output of `resnet bench --json`. */
export interface BenchResult {
  readonly model: string;
  readonly batch: number;
  readonly backend: string;
  readonly threads: number | null;
  readonly simd: SimdLevel | null;
  readonly secondsPerStep: { readonly min: number; readonly median: number };
  readonly imagesPerSecond: number;
  /** Peak resident memory of the process, in 10⁶ bytes. */
  readonly peakRssMb: number;
  /** 10⁹ floating-point operations per second: 2 per multiply-add; a training step counts as 3 forward passes. */
  readonly gflops: number;
  /** Of the last training step; `null` for inference. */
  readonly loss: number | null;
}

/** Measures a model on a backend and prints the result. */
export async function bench(options: BenchOptions): Promise<void> {
  modelArchitecture(options.model); // Fail fast on an unknown model.
  const backend = await startBackend(options);
  note(backend.why);
  const model = createModel(options.model);
  let recording: RecordingReport | undefined;
  const onRecording = (report: RecordingReport) => {
    recording = report;
  };
  let lastLoss: number | null = null;
  const onLoss = (loss: number) => {
    lastLoss = loss;
  };
  const { batch } = options;
  const steps = (options.inference ? inferenceSteps : trainingSteps)({ model, batch, onRecording, onLoss });
  await take(steps, options.warmup);
  if (options.turns) await takeTurns(steps);
  else report(await measure(steps, options), lastLoss, model, backend, options);
  if (options.profile && !options.inference) (options.json ? note : print)(aboutRecording(recording));
  await steps.return();
}

/** Takes as many steps as each line of stdin says and prints their seconds, so that two programs can alternate. */
async function takeTurns(steps: Steps): Promise<void> {
  printJson({ ready: true });
  for await (const line of createInterface({ input: process.stdin })) {
    const before = process.cpuUsage();
    const seconds = await take(steps, Number(line));
    const { user, system } = process.cpuUsage(before);
    printJson({ seconds, cpuSeconds: (user + system) / 1e6, peakRssMb: peakRssMb() });
  }
}

async function measure(steps: Steps, options: BenchOptions): Promise<number[]> {
  if (!options.profile) return take(steps, options.steps);
  let seconds: number[] = [];
  const times = await profile(async () => {
    seconds = await take(steps, options.steps);
  });
  const total = seconds.reduce((sum, each) => sum + each, 0);
  kernelTable(times, 1000 * total).forEach(options.json ? note : print);
  return seconds;
}

/** Says whether the steps were replayed, or why not. */
function aboutRecording(report: RecordingReport | undefined): string {
  if (!report) return 'Steps ran one operation at a time: recording starts with the third step. Take more steps.';
  if ('reason' in report) return `Steps ran one operation at a time: ${report.reason}.`;
  return `Steps were recorded and replayed: ${report.operations} operations.`;
}

function report(
  seconds: readonly number[],
  loss: number | null,
  model: LayersModel,
  backend: Backend,
  options: BenchOptions,
): void {
  const { batch, inference = false } = options;
  const typical = median(seconds);
  const result: BenchResult = {
    model: options.model,
    batch,
    backend: backend.name,
    threads: backend.threads,
    simd: backend.simd,
    secondsPerStep: { min: Math.min(...seconds), median: typical },
    imagesPerSecond: batch / typical,
    peakRssMb: peakRssMb(),
    gflops: (2 * summarizeModel(model).multiplyAdds * batch * (inference ? 1 : 3)) / typical / 1e9,
    loss,
  };
  if (options.json) printJson(result);
  else print(sentence(result, inference));
}

const peakRssMb = (): number => Math.round(process.resourceUsage().maxRSS / 1024);

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = (sorted.length - 1) / 2;
  return (sorted[Math.floor(middle)]! + sorted[Math.ceil(middle)]!) / 2;
}

function sentence(
  { model, batch, backend, threads, simd, secondsPerStep, ...rest }: BenchResult,
  inference: boolean,
): string {
  const where = [backend, simd, threads && `${threads} ${threads === 1 ? 'thread' : 'threads'}`]
    .filter(Boolean)
    .join(', ');
  return (
    `${model} ${inference ? 'inference' : 'training'}, batch ${batch}, on ${where}: ${secondsPerStep.median.toFixed(4)} s a step ` +
    `(fastest ${secondsPerStep.min.toFixed(4)}), ${rest.imagesPerSecond.toFixed(0)} images/s, ` +
    `${rest.gflops.toFixed(0)} GFLOP/s, peak ${rest.peakRssMb} MB${rest.loss === null ? '' : `, loss ${rest.loss.toFixed(3)}`}`
  );
}
