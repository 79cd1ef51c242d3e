import type { RunEvaluation } from '@resnet/experiments/studies';
import type { RunLayers } from '../follow/layers';
import { element, table } from './dom';

/** What is shown of one run. */
export interface RunDetails {
  /** Scores by class; null before its end. */
  evaluation: RunEvaluation | null;
  /** Null where it watches no layers. */
  layers: RunLayers | null;
}

/** Where details of runs come from: a server, or the page itself. */
export interface DetailsSource {
  /** Scores by class and measured layers, where there are any. */
  details(run: string): Promise<RunDetails>;
  /** Address of the picture of augmented samples. */
  samples(run: string): string | null;
}

const share = (value: number | null): string => (value === null ? '–' : `${(100 * value).toFixed(1)}\u00a0%`);

/** Scores by class and the confusion matrix, as tables. */
export function evaluationTables({ classes, confusion }: RunEvaluation): HTMLElement[] {
  const scores = table(
    ['class', 'training images', 'test images', 'precision', 'recall', 'F1'],
    classes.map(({ name, trained, images, precision, recall, f1 }) => [
      name,
      ...[trained, images].map((count) => count.toLocaleString('en-US')),
      ...[precision, recall, f1].map(share),
    ]),
    true,
  );
  const names = classes.map(({ name }) => name);
  return [scores, ...(confusion && names.length <= 30 ? [confusionTable(confusion, names)] : [])];
}

/** Shaded by the share of the row. */
function confusionTable(confusion: readonly (readonly number[])[], names: readonly string[]): HTMLElement {
  const shown = table(
    ['true \\ predicted', ...names],
    confusion.map((row, i) => [names[i]!, ...row.map((count) => (count === 0 ? '' : String(count)))]),
    true,
  );
  shown.classList.add('heat');
  shown.querySelectorAll('tbody tr').forEach((row, i) => {
    const total = confusion[i]!.reduce((sum, count) => sum + count, 0) || 1;
    row.querySelectorAll('td').forEach((cell, j) => {
      if (j > 0) cell.style.background = `rgba(66, 105, 208, ${(0.6 * confusion[i]![j - 1]!) / total})`;
    });
  });
  return shown;
}

/** In which settings runs differ, a column a run; null where they are alike. */
export function differences(
  runs: readonly { name: string; settings: readonly (readonly [string, string])[] }[],
): HTMLElement | null {
  const settings = runs.map((run) => new Map(run.settings));
  const keys = [...new Set(settings.flatMap((one) => [...one.keys()]))];
  const rows = keys
    .map((key) => [key, ...settings.map((one) => one.get(key) ?? '–')])
    .filter(([, first, ...rest]) => rest.some((value) => value !== first));
  return rows.length === 0 ? null : table(['setting', ...runs.map(({ name }) => name)], rows);
}

/** The augmented samples of a run's start. */
export const samplesPicture = (address: string, run: string): HTMLElement =>
  element('img', {
    className: 'samples',
    src: address,
    alt: `Training images of ${run}, each beside what augmentation makes of it`,
  });
