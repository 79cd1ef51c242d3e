import { type ComputePlace, startBackend } from '@resnet/experiments';
import { type AnalysisKind, analyzeRuns } from '@resnet/experiments/studies';
import { UsageError } from '../errors';
import { note } from '../output';
import { type FindingsOutput, writeFindings } from '../write-findings';

/** Flags of `resnet analyze` and a kind. */
export interface AnalyzeFlags extends FindingsOutput, ComputePlace {
  run: string[];
  images: number;
}

/** `resnet analyze responses`, `gradients`, `jacobian` and `residuals`. */
export async function analyze(kind: AnalysisKind, { run, images, ...flags }: AnalyzeFlags): Promise<void> {
  if (run.length === 0) throw new UsageError(`analyze ${kind}: needs a run, got none. Pass --run DIR, once per run.`);
  note((await startBackend(flags)).why);
  await writeFindings(await analyzeRuns(kind, run, images, note), flags);
}
