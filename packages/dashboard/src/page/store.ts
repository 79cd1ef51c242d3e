import type { RunView } from '../follow/run-view';
import type { SeriesUpdate } from '../server/series';

/** Curves of a run as the page has them. */
export type RunSeries = Omit<SeriesUpdate, 'run'>;

/** What the page knows. */
export interface Store {
  runs: RunView[];
  readonly series: Map<string, RunSeries>;
}

/** Cuts the columns that a page has at the place that an update names, and appends. */
export function applyUpdate(store: Store, { run, size, train, validation }: SeriesUpdate): void {
  const before = store.series.get(run);
  store.series.set(run, {
    size,
    train: joined(before?.train, train),
    validation: joined(before?.validation, validation),
  });
}

function joined<T extends { from: number }>(before: T | undefined, update: T): T {
  if (update.from === 0 || !before) return update;
  const columns = Object.entries(update).map(([name, values]) =>
    Array.isArray(values)
      ? [name, [...(before[name as keyof T] as unknown[]).slice(0, update.from), ...values]]
      : [name, values],
  );
  return { ...update, ...Object.fromEntries(columns) };
}
