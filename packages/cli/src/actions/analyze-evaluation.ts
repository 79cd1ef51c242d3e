import { type ComputePlace, startBackend } from '@resnet/experiments';
import { type AnalyzeEvaluationOptions, analyzeEvaluation as analyze } from '@resnet/experiments/studies';
import { note } from '../output';
import { type FindingsOutput, writeFindings } from '../write-findings';

/** Flags of `resnet analyze evaluation`. */
export interface AnalyzeEvaluationFlags extends FindingsOutput, AnalyzeEvaluationOptions, ComputePlace {
  run: string;
}

/** `resnet analyze evaluation`. */
export async function analyzeEvaluation({ run, ...flags }: AnalyzeEvaluationFlags): Promise<void> {
  await startBackend(flags);
  await writeFindings(await analyze(run, { ...flags, onNote: note }), flags);
}
