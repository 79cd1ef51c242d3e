import './app.css';
import { type ChartView, chartControls, type LineChart, lineChart } from '@resnet/charts';
import { differences, evaluationTables, samplesPicture } from './details';
import { element } from './dom';
import { type ChosenRun, chartOf, figures } from './figures';
import { drawLayers } from './layers';
import { runsTable } from './runs-table';
import { exportedSource, serverSource } from './source';
import { applyUpdate, type Store } from './store';

const data = document.querySelector('script[type="application/json"]');
const source = data ? exportedSource(JSON.parse(data.textContent!)) : serverSource();
const root = document.querySelector<HTMLElement>('#dashboard')!;
const store: Store = { runs: [], series: new Map() };

/** Runs that are drawn; all that there are at first, as long as they are few. */
const chosen = new Set<string>();
const known = new Set<string>();
const mostAtFirst = 10;
let bySeed = false;
let view: ChartView = { across: 'x', log: false, smoothing: 0, hidden: new Set() };

const state = element('span', { className: 'soft', role: 'status', textContent: 'connecting …' });
root.append(element('header', {}, element('h1', { textContent: 'Training runs' }), state));

const runs = runsTable(root, choose, source.stop && askToStop);
const empty = root.appendChild(
  element('p', { className: 'soft', textContent: 'No runs yet: they appear here as they start.' }),
);
const bar = root.appendChild(element('div', { className: 'bar' }));
const controls = chartControls(bar, view, (next) => {
  view = { ...next, hidden: view.hidden };
  drawLater();
});
const seeds = element('input', { type: 'checkbox', id: 'by-seed' });
seeds.onchange = () => {
  bySeed = seeds.checked;
  drawLater();
};
bar.append(element('label', { htmlFor: 'by-seed' }, seeds, ' group seeds (mean and range)'));
const place = root.appendChild(element('div', { className: 'charts' }));
const charts = new Map<string, LineChart>();
const compared = root.appendChild(element('section', { ariaLabel: 'In what the recipes differ' }));
const looked = root.appendChild(element('section', { ariaLabel: 'Details of a run' }));
const which = element('select', { id: 'details-of', onchange: () => showDetails() });
const detail = element('div');
looked.append(
  element('h2', {}, element('label', { htmlFor: 'details-of', textContent: 'Details of ' }), which),
  detail,
);

function choose(name: string): void {
  if (!chosen.delete(name)) chosen.add(name);
  drawLater();
}

let isDue = false;
/** At most once a frame. */
function drawLater(): void {
  if (isDue) return;
  isDue = true;
  requestAnimationFrame(() => {
    isDue = false;
    draw();
  });
}

function draw(): void {
  for (const { name } of store.runs) {
    if (known.has(name)) continue;
    known.add(name);
    if (chosen.size < mostAtFirst) chosen.add(name);
  }
  runs.show(store, chosen);
  empty.hidden = store.runs.length > 0;
  const drawn = store.runs.flatMap((run): ChosenRun[] => {
    const series = store.series.get(run.name);
    return chosen.has(run.name) && series ? [{ view: run, series }] : [];
  });
  controls.offerTime(drawn.some(({ series }) => series.train.time.some((time) => time !== null)));
  for (const figure of figures) {
    const data = chartOf(figure, drawn, bySeed);
    const chart = charts.get(figure.id);
    const onToggle = (hidden: ReadonlySet<string>): void => {
      view = { ...view, hidden };
      drawLater();
    };
    if (chart) chart.update(data, view);
    else if (data.lines.length > 0) charts.set(figure.id, lineChart(place, data, { view, height: 260, onToggle }));
  }
  showDifferences(drawn);
  offerDetails();
}

let shownDifferences = '';
function showDifferences(drawn: readonly ChosenRun[]): void {
  const key = JSON.stringify(drawn.map(({ view: { name, settings } }) => [name, settings]));
  if (key === shownDifferences) return;
  shownDifferences = key;
  const found = drawn.length > 1 ? differences(drawn.map(({ view }) => view)) : null;
  compared.replaceChildren(...(found ? [element('h2', { textContent: 'In what the recipes differ' }), found] : []));
}

let offered = '';
function offerDetails(): void {
  const names = store.runs.filter(({ samples, details }) => samples || details).map(({ name }) => name);
  const key = JSON.stringify(store.runs.map(({ name, samples, details }) => [name, samples, details]));
  looked.hidden = names.length === 0;
  if (key === offered) return;
  offered = key;
  const before = which.value;
  which.replaceChildren(...names.map((name) => new Option(name, name, false, name === before)));
  void showDetails();
}

async function showDetails(): Promise<void> {
  const run = store.runs.find(({ name }) => name === which.value);
  if (!run) return;
  const { evaluation, layers } = run.details ? await source.details(run.name) : { evaluation: null, layers: null };
  if (which.value !== run.name) return;
  const address = run.samples ? source.samples(run.name) : null;
  detail.replaceChildren(
    ...(evaluation ? evaluationTables(evaluation) : []),
    ...(address
      ? [
          element('p', {
            className: 'soft',
            textContent: 'Training images, and beside each what augmentation makes of it:',
          }),
          samplesPicture(address, run.name),
        ]
      : []),
  );
  if (layers) drawLayers(detail, layers);
}

const dialog = root.appendChild(element('dialog'));
function askToStop(name: string): void {
  const yes = element('button', { type: 'button', textContent: 'Stop the run' });
  const no = element('button', {
    type: 'button',
    textContent: 'Let it train',
    autofocus: true,
    onclick: () => dialog.close(),
  });
  yes.onclick = async () => {
    dialog.close();
    const message = await source.stop!(name).catch((error: Error) => error.message);
    state.textContent = message;
  };
  const question = `Stop ${name} after its present step? A checkpoint is written; resnet train --resume goes on from there.`;
  dialog.replaceChildren(element('p', { textContent: question }), yes, no);
  dialog.showModal();
}

source.follow({
  runs(now) {
    store.runs = now;
    drawLater();
  },
  series(update) {
    applyUpdate(store, update);
    drawLater();
  },
  connected: (isConnected, message) => {
    state.textContent = message;
    state.className = isConnected ? 'soft' : 'status-failed';
  },
});
