import { formatValue, thinned } from '@resnet/charts';

/** Averages a line down to one point, and writes an error as people read it. */
export const example = () => {
  const points = [1, 2].map((x) => ({ x, y: x * x }));
  return [thinned(points, 1).flatMap(({ x, y }) => [x, y]), formatValue(0.0875, { percent: true })];
};
