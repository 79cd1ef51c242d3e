import { DONE, FAILED } from '../../contract/layout';
import { BackendError } from '../errors';
import type { NativeCode } from './native';
import { inNode, nodeModule } from './node-module';

/** What a worker needs to run. */
export interface WorkerStart {
  module: WebAssembly.Module;
  memory: WebAssembly.Memory;
  slot: number;
  native?: NativeCode;
}

/** A running worker, in Node or a browser. */
export interface WorkerHandle {
  terminate(): void;
}

// Kept as text so that no file must be found at run time. A trap counts its chunk as done, so that the caller goes on, and raises the flag.
const body = `
const start = ({ module, memory, slot, native }) => {
  const flags = new Int32Array(memory.buffer);
  try {
    const env = { memory, now: () => performance.now(), native: native ? require(native.path).load(flags, native.level) : (left) => left || 1 };
    new WebAssembly.Instance(module, { env }).exports.work(slot);
  } catch (error) {
    Atomics.store(flags, ${FAILED / 4}, 1);
    Atomics.add(flags, ${DONE / 4}, 1);
    Atomics.notify(flags, ${DONE / 4});
  }
};`;
const nodeSource = `${body} start(require('node:worker_threads').workerData);`;
const browserSource = `${body} onmessage = (event) => start(event.data);`;

function startInNode(start: WorkerStart, onExit: () => void): WorkerHandle | undefined {
  const threads = nodeModule<typeof import('node:worker_threads')>('node:worker_threads');
  if (!threads) return undefined;
  const worker = started(
    () => new threads.Worker(nodeSource, { eval: true, workerData: start, stdin: false, execArgv: [], env: {} }),
  );
  worker.on('error', onExit);
  worker.on('exit', onExit);
  worker.unref();
  return { terminate: () => void worker.terminate() };
}

/** Node says `EAGAIN` alone where the system refuses a thread. */
function started<T>(start: () => T): T {
  try {
    return start();
  } catch (error) {
    const reason = error instanceof Error ? error.message : error;
    throw new BackendError(
      `its threads must start, got ${reason}. Raise the limit on processes (ulimit -u), or ask for fewer threads.`,
      { cause: error },
    );
  }
}

function startInBrowser(start: WorkerStart, onExit: () => void): WorkerHandle {
  const url = URL.createObjectURL(new Blob([browserSource], { type: 'text/javascript' }));
  const worker = new Worker(url);
  worker.onerror = onExit;
  worker.postMessage(start);
  URL.revokeObjectURL(url);
  return worker;
}

/** Starts a worker on the given memory. It waits for jobs and never keeps the process alive. */
export const startWorker = (start: WorkerStart, onExit: () => void): WorkerHandle =>
  startInNode(start, onExit) ?? startInBrowser(start, onExit);

/** Whether memory can be shared with workers here: Node, or a cross-origin isolated page. */
export const canShare = (): boolean => inNode || globalThis.crossOriginIsolated === true;
