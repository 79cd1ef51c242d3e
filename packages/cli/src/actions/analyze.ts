import type { Findings } from '@resnet/analysis';
import { hardware, startBackend } from '@resnet/experiments';
import {
  gradientFindings,
  jacobianFindings,
  measureGradients,
  measureJacobians,
  measureRatios,
  measureResponses,
  ratioFindings,
  responseFindings,
  type TrainedRun,
  trainedRuns,
} from '@resnet/experiments/studies';
import { type Output, writeFindings } from '../analysis/write-findings';
import { UsageError } from '../errors';
import { note } from '../output';

/** What the command line gives. */
export interface AnalyzeFlags extends Output {
  run: string[];
  images: number;
  backend?: string;
  software?: boolean;
  threads?: number;
}

interface Analysis {
  title: string;
  question: string;
  measure(runs: readonly TrainedRun[], images: number): Promise<{ data: unknown; findings: Findings }>;
}

/** Ties a measurement to the way it is shown. */
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
};

/** `resnet analyze responses`, `gradients`, `jacobian` and `residuals`. */
export async function analyze(kind: keyof typeof analyses, flags: AnalyzeFlags): Promise<void> {
  if (flags.run.length === 0)
    throw new UsageError(`analyze ${kind}: needs a run. Pass --run DIR, as often as you like.`);
  note((await startBackend(flags.backend, { threads: flags.threads, software: flags.software })).why);
  const { title, question, measure } = analyses[kind];
  const runs = trainedRuns(flags.run);
  const { data, findings } = await measure(runs, flags.images);
  const trained = runs.map(
    ({ label, recipe }) => `${label} (a recipe of ${recipe.steps} iterations, seed ${recipe.seed})`,
  );
  const protocol = `${trained.join(', ')}; ${flags.images} images; ${hardware()}.`;
  await writeFindings({ id: kind, title, question, protocol, ...findings }, data, flags);
}
