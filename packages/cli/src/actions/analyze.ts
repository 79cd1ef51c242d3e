import { startBackend } from '@resnet/experiments';
import { type AnalysisKind, analyzeRuns } from '@resnet/experiments/studies';
import { UsageError } from '../errors';
import { note } from '../output';
import { type FindingsOutput, writeFindings } from '../write-findings';

/** Flags of `resnet analyze` and a kind. */
export interface AnalyzeFlags extends FindingsOutput {
  run: string[];
  images: number;
  backend?: string;
  software?: boolean;
  threads?: number;
}

/** `resnet analyze responses`, `gradients`, `jacobian` and `residuals`. */
export async function analyze(
  kind: AnalysisKind,
  { run, images, backend, software, threads, ...output }: AnalyzeFlags,
) {
  if (run.length === 0) throw new UsageError(`analyze ${kind}: needs a run. Pass --run DIR, once per run.`);
  note((await startBackend(backend, { software, threads })).why);
  await writeFindings(await analyzeRuns(kind, run, images, note), output);
}
