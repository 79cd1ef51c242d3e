import { basename } from 'node:path';
import { comparisonTable, curveData, lineFigure } from '@resnet/analysis';
import type { OnNote } from '../note';
import { loadRun, resultOf, type SavedRun } from '../run/saved-run';
import type { AnalyzedRuns } from './analyses';
import { comparisonFindings } from './comparison';
import { labelsOf, recipeDifferences } from './label';
import { runRecord } from './run-record';

/**
 * Compares finished runs: curves of error, loss and rate, what differs in their recipes, means over seeds, differences from the first with confidence intervals, the paper's errors.
 *
 * @throws UsageError for a run that has not finished.
 */
export function compareRuns(directories: readonly string[], onNote?: OnNote): AnalyzedRuns {
  const runs = directories.map((directory) => loadRun(directory, onNote));
  const labels = labelsOf(runs.map(({ recipe }) => recipe));
  const records = directories.map((directory, i) => runRecord(directory, labels[i]!));
  const hardware = [...new Set(runs.map((run) => resultOf(run).hardware))];
  const { conclusion, ...findings } = comparisonFindings(records, 'Error along training');
  const differences = recipeDifferences(
    runs.map(({ recipe }) => recipe),
    directories.map((directory) => basename(directory)),
  );
  const section = {
    id: 'comparison',
    title: `Comparison of ${[...new Set(labels)].join(', ')}`,
    question: 'Which net ends with the lower error?',
    protocol: `${directories.length} runs on ${hardware.join('; ')}. Errors are those of the last iterate.`,
    ...findings,
    figures: [
      ...findings.figures,
      lineFigure('loss', curveData(records, 'loss', { title: 'Loss along training', points: 300 })),
      lineFigure('rate', curveData(records, 'rate', { title: 'Learning rate', points: 300 }), 240),
    ].filter(({ chart }) => chart && chart.lines.length > 0),
    tables: [...findings.tables, ...(differences ? [differences] : [])],
    conclusion: [...dataDifferences(runs), ...conclusion],
  };
  return { section, data: { rows: comparisonTable(records), differences, hardware } };
}

/** Errors on different images do not compare: said first. */
function dataDifferences(runs: readonly SavedRun[]): string[] {
  const [first, ...others] = runs.map((run) => ({ ...run, ...identityOf(run) }));
  if (!first) return [];
  const differing = others.filter(({ images, classes }) => images !== first.images || classes !== first.classes);
  if (differing.length === 0) return [];
  const what = differing.some(({ classes }) => classes !== first.classes) ? 'classes' : 'images';
  const told = differing.map(({ directory, recipe }) => `${directory} (${recipe.data})`).join(', ');
  return [`Of other ${what} than ${first.directory} (${first.recipe.data}): ${told}. Their errors do not compare.`];
}

/** What a run was trained on. Images held out by the seed leave it the same data: their hash follows the last dash. */
const identityOf = ({ prepared }: SavedRun) => ({
  images: prepared?.trainedOn?.replace(/-[0-9a-f]{16}$/, '') ?? null,
  classes: JSON.stringify(prepared?.classes),
});
