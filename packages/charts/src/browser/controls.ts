import type { ChartView } from '../align';

/** Buttons and sliders that change how charts are looked at. */
export interface ChartControls {
  /** The view that they stand for. */
  readonly view: ChartView;
  /** Offers time across, or takes the offer away. */
  offerTime(isThere: boolean): void;
}

let count = 0;

/**
 * Adds controls to a page: smoothing, logarithmic axis, steps or time.
 *
 * @param onChange Told the new view.
 */
export function chartControls(
  parent: HTMLElement,
  start: ChartView,
  onChange: (view: ChartView) => void,
): ChartControls {
  let view = start;
  const change = (part: Partial<ChartView>): void => {
    view = { ...view, ...part };
    onChange(view);
  };
  const bar = parent.appendChild(document.createElement('div'));
  bar.className = 'chart-controls';
  bar.setAttribute('role', 'group');
  bar.setAttribute('aria-label', 'How the charts are drawn');

  const smoothing = labeled(bar, 'smoothing', 'input');
  Object.assign(smoothing, { type: 'range', min: '0', max: '0.99', step: '0.01', value: String(view.smoothing) });
  smoothing.addEventListener('input', () => change({ smoothing: Number(smoothing.value) }));

  const log = labeled(bar, 'log axis', 'input');
  log.type = 'checkbox';
  log.checked = view.log;
  log.addEventListener('change', () => change({ log: log.checked }));

  const across = labeled(bar, 'across', 'select');
  for (const [value, text] of [['x', 'steps'], ['time', 'time']]) across.add(new Option(text, value)); // biome-ignore format: two options
  across.value = view.across;
  across.addEventListener('change', () => change({ across: across.value === 'time' ? 'time' : 'x' }));

  return {
    get view() {
      return view;
    },
    offerTime: (isThere) => {
      across.parentElement!.hidden = !isThere;
    },
  };
}

function labeled<Tag extends 'input' | 'select'>(
  parent: HTMLElement,
  text: string,
  tag: Tag,
): HTMLElementTagNameMap[Tag] {
  const label = parent.appendChild(document.createElement('label'));
  label.append(text, ' ');
  const field = label.appendChild(document.createElement(tag));
  count += 1;
  field.id = `chart-control-${count}`;
  label.htmlFor = field.id;
  return field;
}
