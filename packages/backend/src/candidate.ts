import { getBackend, setBackend } from '@tensorflow/tfjs';
import { BackendError } from './errors';
import { probe } from './probe';
import type { SimdLevel } from './simd';

/** A backend that started: what `useBackend` reports of it. */
export interface Running {
  /** Its name in TensorFlow.js. */
  readonly name: string;
  readonly device: 'cpu' | 'gpu';
  /** Threads that compute on the CPU, the caller's included; `null` where the backend does not tell. */
  readonly threads: number | null;
  /** Which kernels run; `null` for every backend but `simd`. */
  readonly simd: SimdLevel | null;
  /** What is worth knowing about this choice. */
  readonly note: string;
}

/** One way to run TensorFlow.js. */
export interface Candidate {
  /** How it is called where it is refused, as in `tensorflow on a GPU`. */
  readonly label: string;
  /** Registers the backend. Throws an error that says why it cannot run here. */
  start(): Promise<Running>;
}

/**
 * Starts the first candidate that works. Each has to compute a small convolution and its gradients correctly; after a
 * failed one the backend of before is active again.
 *
 * @throws {BackendError} if none works; the message holds every reason.
 */
export async function firstWorking(candidates: readonly Candidate[]): Promise<Running & { why: string }> {
  const refused: string[] = [];
  for (const candidate of candidates) {
    try {
      const running = await attempt(candidate);
      return { ...running, why: [...refused, `${candidate.label}: ${running.note}`].join(' ') };
    } catch (error) {
      refused.push(`${candidate.label}: ${reason(error)}`);
    }
  }
  throw new BackendError(`useBackend: a backend must work here, got none. ${refused.join(' ')}`);
}

async function attempt(candidate: Candidate): Promise<Running> {
  const before = getBackend();
  try {
    const running = await candidate.start();
    if (!(await setBackend(running.name))) throw new BackendError('TensorFlow.js could not initialise it.');
    await probe();
    return running;
  } catch (error) {
    if (before) await setBackend(before);
    throw error;
  }
}

/** The first line of an error, as a sentence: missing modules and native libraries append whole stacks. */
function reason(error: unknown): string {
  const [line = ''] = (error instanceof Error ? error.message : String(error)).trim().split('\n');
  return /[.!?]$/.test(line) ? line : `${line}.`;
}
