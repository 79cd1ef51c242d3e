import type { Findings, ReportSection } from '@resnet/analysis';
import type { OnNote } from '../note';
import { describeHardware } from '../run/hardware';
import { gradientFindings, measureGradients } from './gradients';
import { jacobianFindings, measureJacobians } from './jacobians';
import { measureRatios, ratioFindings } from './residuals';
import { measureResponses, responseFindings } from './responses';
import { type TrainedRun, trainedRuns } from './trained-run';

interface Analysis {
  title: string;
  question: string;
  measure(runs: readonly TrainedRun[], images: number): Promise<{ data: unknown; findings: Findings }>;
}

/** A measurement and how a report shows it. */
const analysis = <T>(
  title: string,
  question: string,
  measure: (runs: readonly TrainedRun[], images: number) => Promise<T>,
  findings: (measured: T) => Findings,
): Analysis => ({
  title,
  question,
  measure: async (runs, images) => {
    const data = await measure(runs, images);
    return { data, findings: findings(data) };
  },
});

const analyses = {
  responses: analysis(
    'Layer responses',
    'Do residual functions respond more weakly than plain ones (Fig. 7)?',
    measureResponses,
    responseFindings,
  ),
  gradients: analysis('Gradient flow', 'Do gradients vanish?', measureGradients, gradientFindings),
  jacobian: analysis(
    'Jacobians of residual blocks',
    'Is the gradient through a residual block at least 1?',
    measureJacobians,
    jacobianFindings,
  ),
  residuals: analysis('Residual branches', 'Is the residual pushed towards zero (§3.1)?', measureRatios, ratioFindings),
} as const;

/** The measurements of trained runs. */
export type AnalysisKind = keyof typeof analyses;

/** A measurement of runs, as plain data and as a section of a report. */
export interface AnalyzedRuns {
  /** Figures, tables and conclusion. */
  section: ReportSection;
  /** The numbers behind them, as plain data. */
  data: unknown;
}

/**
 * Measures trained runs on the current backend.
 *
 * @param directories Run folders, at least one.
 * @param images Images to measure on.
 * @throws UsageError for a run that has not started training.
 */
export async function analyzeRuns(
  kind: AnalysisKind,
  directories: readonly string[],
  images: number,
  onNote?: OnNote,
): Promise<AnalyzedRuns> {
  const { title, question, measure } = analyses[kind];
  const runs = trainedRuns(directories, onNote);
  const { data, findings } = await measure(runs, images);
  const trained = runs.map(
    ({ label, recipe }) => `${label} (a recipe of ${recipe.steps} iterations, seed ${recipe.seed})`,
  );
  const protocol = `${trained.join(', ')}; ${images} images; ${describeHardware()}.`;
  return { section: { id: kind, title, question, protocol, ...findings }, data };
}
