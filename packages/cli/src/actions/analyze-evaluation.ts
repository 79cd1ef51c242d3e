import { startBackend } from '@resnet/experiments';
import { type AnalyzeEvaluationOptions, analyzeEvaluation as analyze } from '@resnet/experiments/studies';
import { note } from '../output';
import { type FindingsOutput, writeFindings } from '../write-findings';

/** Flags of `resnet analyze evaluation`. */
export interface AnalyzeEvaluationFlags extends FindingsOutput, AnalyzeEvaluationOptions {
  run: string;
  backend?: string;
  software?: boolean;
  threads?: number;
}

/** `resnet analyze evaluation`. */
export async function analyzeEvaluation({
  run,
  backend,
  software,
  threads,
  ...flags
}: AnalyzeEvaluationFlags): Promise<void> {
  await startBackend(backend, { software, threads });
  await writeFindings(await analyze(run, { ...flags, onNote: note }), flags);
}
