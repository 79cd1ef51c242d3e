import { type LineChartData, type PlotLine, type PlotPoint, seedBand } from '@resnet/charts';
import type { RunView } from '../follow/run-view';
import type { RunSeries } from './store';

/** What is drawn of the chosen runs. */
export interface Figure {
  id: 'error' | 'loss' | 'rate' | 'speed';
  title: string;
  y: LineChartData['y'];
}

/** From top to bottom. */
export const figures: readonly Figure[] = [
  { id: 'error', title: 'Error', y: { label: 'per cent', percent: true } },
  { id: 'loss', title: 'Loss', y: { label: 'nats' } },
  { id: 'rate', title: 'Learning rate', y: { label: 'of each step' } },
  { id: 'speed', title: 'Speed', y: { label: 'images a second' } },
];

/** A run with its curves. */
export interface ChosenRun {
  view: RunView;
  series: RunSeries;
}

/** Lines of a figure: training thin, validation bold, a color a run, or a color a group of seeds with its band. */
export function chartOf({ id, title, y }: Figure, runs: readonly ChosenRun[], bySeed: boolean): LineChartData {
  const kinds = id === 'error' || id === 'loss' ? (['train', 'validation'] as const) : (['train'] as const);
  const lines = kinds.flatMap((kind) => {
    const look = kind === 'train' ? { width: kinds.length > 1 ? 1 : 2, noisy: id !== 'rate' } : { width: 2.5 };
    const own = runs.map((run): PlotLine & { group: string } => {
      const points = pointsOf(run, id, kind);
      const name =
        kinds.length > 1 ? `${run.view.name}, ${kind === 'train' ? 'training' : 'validation'}` : run.view.name;
      return {
        name,
        group: bySeed ? run.view.label : run.view.name,
        points,
        ...look,
        dots: kind === 'validation' && points.length < 30,
      };
    });
    return bySeed ? grouped(own, kind, kinds.length > 1) : own;
  });
  return { title, x: { label: 'step', whole: true }, y, lines: lines.filter(({ points }) => points.length > 0) };
}

function grouped(lines: readonly (PlotLine & { group: string })[], kind: string, isNamed: boolean): PlotLine[] {
  return [...groupBy(lines)].map(([group, members]) => {
    const seeds = members.length > 1 ? ` (${members.length} seeds)` : '';
    const name = `${group}${isNamed ? `, ${kind === 'train' ? 'training' : 'validation'}` : ''}${seeds}`;
    const { dots: _, ...first } = members[0]!;
    return { ...first, name, group, points: members.length > 1 ? seedBand(members) : first.points };
  });
}

function groupBy<T extends { group: string }>(lines: readonly T[]): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const line of lines) groups.set(line.group, [...(groups.get(line.group) ?? []), line]);
  return groups;
}

function pointsOf({ view, series }: ChosenRun, id: Figure['id'], kind: 'train' | 'validation'): PlotPoint[] {
  const { train, validation } = series;
  if (id === 'speed') return speeds(train, view.batchSize ?? 0);
  const columns = kind === 'train' ? train : validation;
  const values = id === 'rate' ? train.rate : columns[id];
  return columns.step.map((step, i) => ({ x: step, y: values[i] ?? null, time: columns.time[i] ?? null }));
}

/** Images a second between each two buckets. */
function speeds({ step, time }: RunSeries['train'], batchSize: number): PlotPoint[] {
  return step.flatMap((x, i) => {
    const [before, now] = [time[i - 1], time[i]];
    if (typeof before !== 'number' || typeof now !== 'number' || now <= before) return [];
    return [{ x, y: ((x - step[i - 1]!) * batchSize) / (now - before), time: now }];
  });
}
