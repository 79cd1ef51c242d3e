import { formatValue } from '../format';

/** Values of layers along training, as plain data. */
export interface HeatStripData {
  /** Above the strip; also what screen readers say. */
  title: string;
  /** Names of the layers, from the input: rows from top to bottom. */
  rows: readonly string[];
  /** Iterations, rising: columns from left to right. */
  steps: readonly number[];
  /** `values[row][column]`, above 0; others are left empty. Colored by their logarithm. */
  values: readonly (readonly (number | null)[])[];
}

/** A heat strip in a page. */
export interface HeatStrip {
  /** Draws other data, or more of it. */
  update(data: HeatStripData): void;
  /** Removes it from the page. */
  destroy(): void;
}

/** Pixels of a row. */
const rowHeight = 6;

/** From low to high: told apart by lightness alone, too. */
const colors = ['#2b1055', '#5b2a86', '#a4508b', '#e8765c', '#f6b042', '#fcf3a2'].map((hex) =>
  [1, 3, 5].map((at) => Number.parseInt(hex.slice(at, at + 2), 16)),
);

/** Draws a row a layer and a column a measurement, as the gradient's norm at each layer along training. The value under the pointer is read below. */
export function heatStrip(parent: HTMLElement, data: HeatStripData): HeatStrip {
  const root = parent.appendChild(document.createElement('section'));
  root.className = 'chart heat-strip';
  const title = root.appendChild(document.createElement('h3'));
  const canvas = root.appendChild(document.createElement('canvas'));
  canvas.setAttribute('role', 'img');
  const ends = root.appendChild(document.createElement('p'));
  ends.className = 'chart-place';
  let current = data;

  const draw = (): void => {
    const { rows, steps, values } = current;
    const known = values.flat().filter((value): value is number => value !== null && value > 0);
    const [low, high] = [Math.min(...known), Math.max(...known)];
    title.textContent = current.title;
    canvas.width = Math.max(1, steps.length);
    canvas.height = Math.max(1, rows.length);
    canvas.style.height = `${rowHeight * canvas.height}px`;
    const context = canvas.getContext('2d')!;
    values.forEach((row, y) => {
      row.forEach((value, x) => {
        if (value === null || !(value > 0)) return;
        context.fillStyle = colorAt(high > low ? Math.log(value / low) / Math.log(high / low) : 0.5);
        context.fillRect(x, y, 1, 1);
      });
    });
    const range =
      known.length > 0 ? `from ${formatValue(low)} (dark) to ${formatValue(high)} (light)` : 'nothing measured yet';
    ends.textContent = `${rows.length} layers from the input down, step ${formatValue(steps[0])} to ${formatValue(steps.at(-1))}, ${range}`;
    canvas.setAttribute('aria-label', `${current.title}: ${ends.textContent}`);
  };

  canvas.addEventListener('pointermove', ({ offsetX, offsetY }) => {
    const x = Math.floor((offsetX / canvas.clientWidth) * current.steps.length);
    const y = Math.floor((offsetY / canvas.clientHeight) * current.rows.length);
    const value = current.values[y]?.[x];
    if (value !== undefined)
      ends.textContent = `${current.rows[y]} at step ${formatValue(current.steps[x])}: ${formatValue(value)}`;
  });
  canvas.addEventListener('pointerleave', draw);
  draw();
  return {
    update: (next) => {
      current = next;
      draw();
    },
    destroy: () => root.remove(),
  };
}

/** The color at a share of the way. */
function colorAt(share: number): string {
  const place = Math.min(1, Math.max(0, share)) * (colors.length - 1);
  const [from, to] = [colors[Math.floor(place)]!, colors[Math.ceil(place)]!];
  const part = place - Math.floor(place);
  return `rgb(${from.map((value, i) => Math.round(value + part * (to[i]! - value))).join(' ')})`;
}
