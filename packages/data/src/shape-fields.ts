/** The signed distance from a point to a shape's outline, negative inside. Shapes fit in the unit circle; y points down. */
export type Field = (x: number, y: number) => number;

type Point = readonly [x: number, y: number];

const circle =
  (radius: number, cx = 0, cy = 0): Field =>
  (x, y) =>
    Math.hypot(x - cx, y - cy) - radius;

const union =
  (a: Field, b: Field): Field =>
  (x, y) =>
    Math.min(a(x, y), b(x, y));

const without =
  (a: Field, b: Field): Field =>
  (x, y) =>
    Math.max(a(x, y), -b(x, y));

/** Distance to the nearest edge; the sign flips at each edge that a ray to the right crosses. */
function polygon(points: readonly Point[]): Field {
  const edges = points.map(([x, y], i) => {
    const [nextX, nextY] = points[(i + 1) % points.length]!;
    const dx = nextX - x;
    const dy = nextY - y;
    return { x, y, nextY, dx, dy, square: dx * dx + dy * dy };
  });
  return (px, py) => {
    let nearest = Number.POSITIVE_INFINITY;
    let inside = false;
    for (const { x, y, nextY, dx, dy, square } of edges) {
      const along = Math.min(1, Math.max(0, ((px - x) * dx + (py - y) * dy) / square));
      const ex = px - x - along * dx;
      const ey = py - y - along * dy;
      nearest = Math.min(nearest, ex * ex + ey * ey);
      if (y > py !== nextY > py && px < x + ((py - y) / dy) * dx) inside = !inside;
    }
    return inside ? -Math.sqrt(nearest) : Math.sqrt(nearest);
  };
}

/** Corners on circles, starting at the top; two radii make a star. */
const regular = (corners: number, ...radii: readonly number[]): readonly Point[] =>
  Array.from({ length: corners }, (_, i) => {
    const angle = (2 * Math.PI * i) / corners - Math.PI / 2;
    const radius = radii[i % radii.length]!;
    return [radius * Math.cos(angle), radius * Math.sin(angle)];
  });

const mirrored = (right: readonly Point[]): readonly Point[] => [
  ...right,
  ...right
    .filter(([x]) => x > 0)
    .reverse()
    .map(([x, y]): Point => [-x, y]),
];

const turned = (points: readonly Point[]): readonly Point[] => points.map(([x, y]) => [-y, x]);

const quarter: readonly Point[] = [
  [0.3, -1],
  [0.3, -0.3],
  [1, -0.3],
];
const cross = [0, 1, 2, 3].reduce<{ all: Point[]; part: readonly Point[] }>(
  ({ all, part }) => ({ all: [...all, ...part], part: turned(part) }),
  { all: [], part: quarter },
).all;

/** The ten classes of shapes10, sorted by name. */
export const SHAPES: Readonly<Record<string, Field>> = {
  arrow: polygon(
    mirrored([
      [0, -1],
      [0.8, -0.1],
      [0.3, -0.1],
      [0.3, 0.95],
    ]),
  ),
  circle: circle(0.85),
  crescent: without(circle(0.95), circle(0.75, 0.45, -0.1)),
  cross: polygon(cross),
  heart: union(
    union(circle(0.47, -0.42, -0.35), circle(0.47, 0.42, -0.35)),
    polygon([
      [0.86, -0.17],
      [0, 0.95],
      [-0.86, -0.17],
      [0, -0.45],
    ]),
  ),
  hexagon: polygon(regular(6, 0.95)),
  ring: without(circle(0.9), circle(0.5)),
  square: polygon([
    [0.72, -0.72],
    [0.72, 0.72],
    [-0.72, 0.72],
    [-0.72, -0.72],
  ]),
  star: polygon(regular(10, 1, 0.42)),
  triangle: polygon(regular(3, 1)),
};
