import './style.css';
import { type ChartView, heatStrip, lineChart } from '@resnet/charts';
import { chartStyle } from '@resnet/charts/page';
import { showForm } from './controls';
import { errorsOf, gradientsOf, responsesOf } from './figures';
import { type Net, startNet } from './net';
import { type Settings, searchOf, settingsFrom } from './settings';

document.head.append(Object.assign(document.createElement('style'), { textContent: chartStyle }));
const [form, status, place] = ['settings', 'status', 'charts'].map((id) => document.getElementById(id)!);

let settings: Settings = settingsFrom(location.search);
let isPaused = false;
let isDue = false;
let nets: Net[] = [];

const view: ChartView = { across: 'x', log: false, smoothing: 0.7, hidden: new Set() };
const section = (text: string): HTMLElement => {
  const made = place!.appendChild(document.createElement('div'));
  made.append(Object.assign(document.createElement('p'), { className: 'soft', textContent: text }));
  return made;
};

start();
const errors = lineChart(
  section('Look whether the plain net’s training error (thin) stays above the residual one’s as you add layers: degradation, §1 and Fig. 1. Bold: 200 test images.'),
  errorsOf(nets), { view },
); // biome-ignore format: text first
const gradients = section(
  'Does the gradient reach the first layers (top) as it reaches the last? §4.1 finds that with normalization it does, in plain nets too.',
);
const strips = nets.map((net) => heatStrip(gradients, gradientsOf(net)));
const responses = lineChart(
  section('How strongly each layer responds: §4.2 and Fig. 7 find residual functions closer to zero than plain ones, after training.'),
  responsesOf(nets), { view: { ...view, smoothing: 0 }, height: 220 },
); // biome-ignore format: text first

showForm(form as HTMLFormElement, settings, {
  onChange(next) {
    settings = next;
    history.replaceState(null, '', searchOf(settings));
    start();
  },
  onPause(paused) {
    isPaused = paused;
    for (const net of nets) net.send({ type: paused ? 'pause' : 'go' });
  },
  onStep: () => nets.forEach((net) => void net.send({ type: 'step' })),
  onReset: start,
});

/** Ends the nets that there are, and begins with two new ones. */
function start(): void {
  for (const net of nets) net.end();
  nets = (['plain', 'residual'] as const).map((kind) => startNet(kind, settings, drawLater));
  if (isPaused) for (const net of nets) net.send({ type: 'pause' });
}

/** At most four times a second: the nets need the processor more. */
function drawLater(): void {
  if (isDue) return;
  isDue = true;
  setTimeout(() => {
    isDue = false;
    requestAnimationFrame(draw);
  }, 250);
}

function draw(): void {
  errors.update(errorsOf(nets), view);
  strips.forEach((strip, i) => void strip.update(gradientsOf(nets[i]!)));
  responses.update(responsesOf(nets), { ...view, smoothing: 0 });
  status!.textContent = nets.map(statusOf).join(' · ');
}

function statusOf({ kind, failed, backend, parameters, imagesPerSecond, train }: Net): string {
  if (failed) return `${kind}: ${failed}`;
  const counted = `${parameters.toLocaleString('en-US')} parameters, step ${train.step.at(-1) ?? 0}`;
  return `${kind}: ${counted}, ${Math.round(imagesPerSecond)} images a second on ${backend || '…'}`;
}
