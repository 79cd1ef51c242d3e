import type { Command, Kind, Report } from './messages';
import type { Settings } from './settings';

/** What a net has told so far. */
export interface Net {
  readonly kind: Kind;
  backend: string;
  parameters: number;
  imagesPerSecond: number;
  failed: string;
  readonly train: { step: number[]; error: number[] };
  readonly test: { step: number[]; error: number[] };
  readonly layers: { names: string[]; steps: number[]; gradientNorm: number[][]; response: number[] };
  /** Tells its worker. */
  send(command: Command): void;
  /** Ends its worker: its memory goes with it. */
  end(): void;
}

/** Starts a net in a worker of its own. */
export function startNet(kind: Kind, settings: Settings, onChange: () => void): Net {
  const worker = new Worker(new URL('./net.worker.ts', import.meta.url), { type: 'module' });
  const net: Net = {
    kind, backend: '', parameters: 0, imagesPerSecond: 0, failed: '',
    train: { step: [], error: [] },
    test: { step: [], error: [] },
    layers: { names: [], steps: [], gradientNorm: [], response: [] },
    send: (command) => worker.postMessage(command),
    end: () => worker.terminate(),
  }; // biome-ignore format: a table
  worker.addEventListener('message', ({ data }: MessageEvent<Report>) => {
    take(net, data);
    onChange();
  });
  worker.addEventListener('error', ({ message }) => {
    net.failed = message;
    onChange();
  });
  net.send({ type: 'start', kind, settings });
  return net;
}

function take(net: Net, report: Report): void {
  switch (report.type) {
    case 'ready':
      Object.assign(net, { backend: report.backend, parameters: report.parameters });
      return;
    case 'step':
      net.train.step.push(report.step);
      net.train.error.push(report.error);
      net.imagesPerSecond = report.imagesPerSecond;
      return;
    case 'test':
      net.test.step.push(report.step);
      net.test.error.push(report.error);
      return;
    case 'layers':
      Object.assign(net.layers, { names: report.names, response: report.response });
      net.layers.steps.push(report.step);
      net.layers.gradientNorm.push(report.gradientNorm);
      return;
    case 'failed':
      net.failed = report.message;
  }
}
