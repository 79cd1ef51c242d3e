import { comparisonTable } from '@resnet/analysis';
import type { OnNote } from '../note';
import { loadRun, resultOf } from '../run/saved-run';
import type { AnalyzedRuns } from './analyses';
import { comparisonFindings } from './comparison';
import { labelsOf } from './label';
import { runRecord } from './run-record';

/**
 * Compares finished runs: curves, means over seeds, differences from the first with confidence intervals, the paper's errors.
 *
 * @throws UsageError for a run that has not finished.
 */
export function compareRuns(directories: readonly string[], onNote?: OnNote): AnalyzedRuns {
  const runs = directories.map((directory) => loadRun(directory, onNote));
  const labels = labelsOf(runs.map(({ recipe }) => recipe));
  const records = directories.map((directory, i) => runRecord(directory, labels[i]!));
  const hardware = [...new Set(runs.map((run) => resultOf(run).hardware))];
  const section = {
    id: 'comparison',
    title: `Comparison of ${[...new Set(labels)].join(', ')}`,
    question: 'Which net ends with the lower error?',
    protocol: `${directories.length} runs on ${hardware.join('; ')}. Errors are those of the last iterate.`,
    ...comparisonFindings(records, 'Error along training'),
  };
  return { section, data: { rows: comparisonTable(records), hardware } };
}
