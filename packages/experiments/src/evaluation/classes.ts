import { type Dataset, relabelDataset } from '@resnet/data';
import { UsageError } from '../errors';

/**
 * `dataset` with the labels of a network: its classes are found by name, without regard to case and Unicode form.
 *
 * @param who The function to name in errors.
 * @param classes Names of the network's classes, by index.
 * @throws UsageError with both lists where the names do not match one to one.
 */
export function withClassesOf(who: string, classes: readonly string[], dataset: Dataset): Dataset {
  if (same(classes, dataset.classes)) return dataset;
  if (classes.length === dataset.classes.length && areIndices(dataset.classes)) {
    return relabelDataset(dataset, classes, [...classes.keys()]);
  }
  const ours = classes.map(folded);
  const labels = dataset.classes.map((name) => ours.indexOf(folded(name)));
  if (classes.length === dataset.classes.length && new Set(labels).size === labels.length && !labels.includes(-1)) {
    return relabelDataset(dataset, classes, labels);
  }
  const others = classes.length === dataset.classes.length ? ' of other names' : '';
  throw new UsageError(
    `${who}: the data must have the network's ${classes.length} classes, got ${dataset.classes.length}${others}: ${listed(classes)} in the run, ${listed(dataset.classes)} in the data. Use data of the same classes, or rename its folders.`,
    { option: 'data' },
  );
}

/** Whether names stand for indices: numbers, as shards of others have, or ImageNet's synsets, whose order is that of its 1,000 classes. */
const areIndices = (names: readonly string[]): boolean =>
  names.every((name, i) => name === `${i}`) || (names.length === 1000 && names.every((name) => /^n\d{8}$/.test(name)));

const same = (one: readonly string[], other: readonly string[]): boolean =>
  one.length === other.length && one.every((name, i) => name === other[i]);

const folded = (name: string): string => name.normalize('NFC').toLowerCase();

const listed = (names: readonly string[]): string =>
  `${names.slice(0, 10).join(', ')}${names.length > 10 ? ', …' : ''}`;
