import { type Backend, type SimdLevel, UnknownBackendError, useBackend } from '@resnet/backend';
import { createModel, modelArchitecture, summary, UnknownModelError } from '@resnet/models';
import { type KernelTime, kernelTable, profileKernels } from '../bench/profile-kernels';
import { inferenceSeconds, trainingSeconds } from '../bench/workload';
import { UsageError } from '../errors';
import { note, print, printJson } from '../output';

/** Options of `resnet bench`, as its command parses them. */
export interface BenchOptions {
  readonly model: string;
  readonly batch: number;
  readonly steps: number;
  readonly warmup: number;
  readonly backend: string;
  readonly threads?: number;
  /** Build of the simd backend. */
  readonly simd?: SimdLevel;
  readonly inference?: boolean;
  readonly profile?: boolean;
  readonly json?: boolean;
}

/** What `resnet bench --json` prints. */
export interface BenchResult {
  readonly model: string;
  readonly batch: number;
  readonly backend: string;
  readonly threads: number | null;
  readonly simd: SimdLevel | null;
  readonly secondsPerStep: { readonly min: number; readonly median: number };
  readonly imagesPerSecond: number;
  /** Largest resident memory of the process so far. */
  readonly peakRssMb: number;
  /** 10⁹ operations a second by the usual count: 2 a multiply-add, and 3 forward passes' worth for a training step. */
  readonly gflops: number;
}

/** Measures a model on a backend and prints the result. */
export async function bench(options: BenchOptions): Promise<void> {
  const { model: name, batch, steps, warmup, inference = false } = options;
  const backend = await start(options).catch((error) => {
    throw isUsage(error) ? new UsageError(error.message) : error;
  });
  note(backend.why);
  const model = createModel(name);
  const { multiplyAdds } = summary(model);

  let stopProfile: (() => KernelTime[]) | undefined;
  const onWarm = () => {
    if (options.profile) stopProfile = profileKernels();
  };
  const workload = { model, batch, steps, warmup, onWarm };
  const seconds = await (inference ? inferenceSeconds(workload) : trainingSeconds(workload));
  const times = stopProfile?.();

  const typical = median(seconds);
  const result: BenchResult = {
    model: name,
    batch,
    backend: backend.name,
    threads: backend.threads,
    simd: backend.simd,
    secondsPerStep: { min: Math.min(...seconds), median: typical },
    imagesPerSecond: batch / typical,
    peakRssMb: Math.round(process.resourceUsage().maxRSS / 1024),
    gflops: (2 * multiplyAdds * batch * (inference ? 1 : 3)) / typical / 1e9,
  };
  const say = options.json ? note : print;
  if (times) kernelTable(times, 1000 * seconds.reduce((sum, each) => sum + each, 0)).forEach(say);
  if (options.json) printJson(result);
  else print(sentence(result, inference));
}

async function start({ model, backend, threads, simd }: BenchOptions): Promise<Backend> {
  modelArchitecture(model); // a name that is wrong is told before anything that takes time
  return useBackend(backend, { threads, level: simd });
}

const isUsage = (error: unknown): error is Error =>
  error instanceof UnknownBackendError || error instanceof UnknownModelError;

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
    `${rest.gflops.toFixed(0)} GFLOP/s, peak ${rest.peakRssMb} MB`
  );
}
