import { checkClasses, type EvaluateNetworkOptions, openEvaluationImages } from '../evaluation/evaluate';
import { networkOfRun } from '../evaluation/trained-network';
import { describeHardware } from '../run/hardware';
import { representativeImages } from '../run/images';
import { loadRun, preparedOf } from '../run/saved-run';
import type { AnalyzedRuns } from './analyses';
import { evaluationFindings, evaluationProtocols, scoreByEach } from './evaluation';

/** Settings of {@link analyzeEvaluation}. */
export interface AnalyzeEvaluationOptions extends Pick<EvaluateNetworkOptions, 'data' | 'split' | 'onNote'> {
  /** Shorter sides to evaluate fully convolutionally. Default: none. */
  scales?: readonly number[];
  /** Number of images to evaluate on, classes in proportion. Default: all. */
  images?: number;
}

/**
 * Evaluates a finished run on a single view, ten crops and several scales, on the current backend, and shows its network's mistakes.
 *
 * @throws UsageError for a run that has not finished, and for data of other classes.
 */
export async function analyzeEvaluation(
  directory: string,
  options: AnalyzeEvaluationOptions = {},
): Promise<AnalyzedRuns> {
  const run = loadRun(directory, options.onNote);
  const network = networkOfRun(run);
  const { dataset: all, split } = await openEvaluationImages('analyze evaluation', network, options);
  const dataset = options.images === undefined ? all : representativeImages(all, options.images);
  const protocols = await evaluationProtocols(network, preparedOf(run).preprocessing, options.scales ?? []);
  checkClasses('analyze evaluation', protocols[0].model, dataset);
  const scores = await scoreByEach(protocols, dataset);
  const section = {
    id: 'evaluation',
    title: `Evaluation of ${network.name}`,
    question: 'What do more views of each image bring, and where does the network err?',
    protocol: `${dataset.length} images of the ${split} split; ${describeHardware()}.`,
    ...(await evaluationFindings(scores, dataset, network.name)),
  };
  return { section, data: scores };
}
