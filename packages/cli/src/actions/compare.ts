import { comparisonTable } from '@resnet/analysis';
import { savedRecipe } from '@resnet/experiments';
import { comparisonFindings, labelsOf, resultOf, runRecord } from '@resnet/experiments/studies';
import { type Output, writeFindings } from '../analysis/write-findings';

/** `resnet compare`. */
export async function compare(directories: readonly string[], output: Output): Promise<void> {
  const labels = labelsOf(directories.map(savedRecipe));
  const records = directories.map((directory, i) => runRecord(directory, labels[i]!));
  const hardware = [...new Set(directories.map((directory) => resultOf(directory).hardware))];
  const section = {
    id: 'comparison',
    title: `Comparison of ${[...new Set(labels)].join(', ')}`,
    question: 'Which net ends with the lower error?',
    protocol: `${directories.length} runs on ${hardware.join('; ')}. Errors are those of the last iterate.`,
    ...comparisonFindings(records, 'Error along training'),
  };
  await writeFindings(section, { rows: comparisonTable(records), hardware }, output);
}
