import { formatTime, formatValue } from '@resnet/charts';
import type { RunView } from '../follow/run-view';
import { element } from './dom';
import type { Store } from './store';

/** The table of runs. */
export interface RunsTable {
  /** Shows the runs as they are now. */
  show(store: Store, chosen: ReadonlySet<string>): void;
}

const columns = ['run', 'status', 'step', 'train error', 'validation error', 'test error', 'images/s', 'time left', ''];

/**
 * Adds the table of runs.
 *
 * @param onChoose Told which run was chosen, or chosen no more.
 * @param onStop Told which run somebody asks to stop; null where runs cannot be stopped.
 */
export function runsTable(
  parent: HTMLElement,
  onChoose: (name: string) => void,
  onStop: ((name: string) => void) | null,
): RunsTable {
  const body = element('tbody');
  const heads = columns.map((text, i) =>
    element('th', { textContent: text, scope: 'col', ...(i > 1 && { className: 'number' }) }),
  );
  parent.append(
    element(
      'div',
      { className: 'scroll' },
      element('table', { className: 'runs' }, element('thead', {}, element('tr', {}, ...heads)), body),
    ),
  );
  const rows = new Map<string, ReturnType<typeof rowOf>>();

  const rowOf = (name: string) => {
    const box = element('input', { type: 'checkbox', onchange: () => onChoose(name) });
    const label = element('label', {}, box, ' ', name);
    const cells = columns.map((head, i) =>
      element('td', {
        className: i === 0 ? 'name' : i > 1 ? 'number' : '',
        ...(head && { attributes: { 'data-head': head } }),
      }),
    );
    cells[0]!.append(label);
    const stop =
      onStop &&
      element('button', {
        className: 'stop',
        type: 'button',
        textContent: 'Stop',
        ariaLabel: `Stop ${name}`,
        onclick: () => onStop(name),
      });
    const bar = element('progress', { ariaLabel: `progress of ${name}` });
    const step = element('span');
    cells[2]!.append(step, ' ', bar);
    const row = element('tr', {}, ...cells);
    return { row, box, cells, bar, step, stop };
  };

  const show = (run: RunView, store: Store, isChosen: boolean): HTMLTableRowElement => {
    const made = rows.get(run.name) ?? rowOf(run.name);
    rows.set(run.name, made);
    const { row, box, cells, bar, step, stop } = made;
    const series = store.series.get(run.name);
    box.checked = isChosen;
    set(cells[1]!, run.status);
    cells[1]!.className = `status-${run.status}`;
    cells[1]!.title = run.error ?? '';
    set(step, `${formatValue(run.step)}${run.steps === null ? '' : ` of ${formatValue(run.steps)}`}`);
    [bar.max, bar.value] = [run.steps ?? 1, run.step];
    const share = (value: number | null | undefined) =>
      typeof value === 'number' ? formatValue(value, { percent: true }) : '';
    set(cells[3]!, share(series?.train.error.at(-1)));
    set(cells[4]!, share(series?.validation.error.at(-1)));
    set(cells[5]!, share(run.testError));
    const { secondsPerStep, batchSize, steps } = run;
    set(cells[6]!, secondsPerStep && batchSize ? Math.round(batchSize / secondsPerStep).toLocaleString('en-US') : '');
    set(
      cells[7]!,
      run.status === 'running' && secondsPerStep && steps !== null
        ? formatTime((steps - run.step) * secondsPerStep)
        : '',
    );
    if (stop && run.status === 'running' && !stop.isConnected) cells[8]!.append(stop);
    if (stop && run.status !== 'running') stop.remove();
    return row;
  };

  return {
    show: (store, chosen) => {
      const shown = store.runs.map((run) => show(run, store, chosen.has(run.name)));
      if (shown.length !== body.children.length || shown.some((row, i) => row !== body.children[i]))
        body.replaceChildren(...shown);
    },
  };
}

/** Only where it changes: a screen reader would say it again. */
function set(node: HTMLElement, text: string): void {
  if (node.textContent !== text) node.textContent = text;
}
