import type { Request } from './calls';
import { type Peers, sleep } from './peers';

/** Milliseconds that a wait asks without pause, for what takes microseconds. */
const SPIN = 1;
/** Milliseconds between two questions afterwards: others may need the core. */
const PAUSE = 0.1;

/** Waits on this thread, which does nothing else meanwhile. */
export function waitFor(request: Request, peers: Peers, what: string): void {
  if (request.done()) return;
  const check = peers.patience(what);
  const start = performance.now();
  while (!request.done()) {
    check();
    if (performance.now() - start > SPIN) sleep(PAUSE);
  }
}

/** Waits while timers, signals and messages of this process are served. */
export async function soon(request: Request, peers: Peers, what: string): Promise<void> {
  if (request.done()) return;
  const check = peers.patience(what);
  const start = performance.now();
  while (!request.done()) {
    check();
    await (performance.now() - start > 2 * SPIN ? later() : next());
  }
}

const next = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
const later = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 1));
