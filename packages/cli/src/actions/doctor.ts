import { availableParallelism, freemem, totalmem } from 'node:os';
import { BACKEND_NAMES, type BackendName } from '@resnet/backend';
import { cacheFolder } from '@resnet/data';
import { describeEnvironment, startBackend } from '@resnet/experiments';
import { print, printJson } from '../output';

/** Whether one backend works here. Starting it runs its numeric self-check: a convolution and its gradients. */
interface Finding {
  name: string;
  works: boolean;
  detail: string;
}

/** `resnet doctor`. */
export async function doctor({ json, software }: { json?: boolean; software?: boolean }): Promise<void> {
  const backends: Finding[] = [];
  for (const name of BACKEND_NAMES) if (name !== 'auto') backends.push(await examine(name, software));
  const auto = await startBackend({ software });
  const report = {
    ...describeEnvironment(),
    cores: availableParallelism(),
    memoryGiB: { total: gibibytes(totalmem()), free: gibibytes(freemem()) },
    sharedMemory: typeof SharedArrayBuffer !== 'undefined',
    cache: cacheFolder(),
    chosen: auto.name,
    why: auto.why,
    backends,
  };
  if (json) return printJson(report);
  const lines: [string, string | number][] = [
    ['resnet', report.resnet],
    ['TensorFlow.js', report.tensorflow],
    ['Node', report.node],
    ['hardware', report.hardware],
    ['memory', `${report.memoryGiB.free} of ${report.memoryGiB.total} GiB free`],
    ['shared memory', report.sharedMemory ? 'yes' : 'no: one thread'],
    ['data cache', report.cache],
    ['backend chosen', report.chosen],
    ['because', auto.why],
  ];
  for (const [label, value] of lines) print(`${label.padEnd(15)} ${value}`);
  for (const { name, works, detail } of backends) print(`${works ? '✓' : '✗'} ${name.padEnd(13)} ${detail}`);
}

async function examine(name: BackendName, software?: boolean): Promise<Finding> {
  try {
    const { why } = await startBackend({ backend: name, software });
    return { name, works: true, detail: `self-check passed. ${why}` };
  } catch (error) {
    return { name, works: false, detail: error instanceof Error ? error.message.replaceAll('\n', ' ') : String(error) };
  }
}

const gibibytes = (bytes: number): number => Math.round((10 * bytes) / 2 ** 30) / 10;
