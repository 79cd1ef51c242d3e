import { findBackendFactory } from '@tensorflow/tfjs';
import { distance } from 'fastest-levenshtein';
import { type Candidate, firstWorking } from './candidate';
import { cpu } from './cpu';
import { BackendError, UnknownBackendError } from './errors';
import { type Load, load } from './load';
import { isSimdLevel, SIMD_LEVELS, type SimdLevel } from './simd';
import { simd } from './simd-candidate';
import { tensorflow } from './tensorflow';
import { webgpu } from './webgpu-candidate';

/** The names that `useBackend` takes; `auto` is the best backend that works. */
export const BACKEND_NAMES = ['auto', 'tensorflow', 'webgpu', 'simd', 'cpu'] as const;

/** A name that `useBackend` takes. */
export type BackendName = (typeof BACKEND_NAMES)[number];

/** How `useBackend` starts a backend. */
export interface BackendOptions {
  /** Threads of the `simd` backend. Default: all cores. */
  readonly threads?: number;
  /** Which kernels of the `simd` backend run, when it starts. Default: the environment variable `RESNET_LEVEL`, or else the best that runs here. */
  readonly level?: SimdLevel;
  /** Accept a WebGPU adapter that computes on the CPU. Default: `false`. */
  readonly software?: boolean;
  /** How optional packages (tfjs-node, webgpu) are imported, by name. Default: `import(name)`. */
  readonly load?: Load;
}

/** The backend that TensorFlow.js uses now. */
export interface Backend {
  /** Its name in TensorFlow.js, as `tf.getBackend()` returns it. */
  readonly name: string;
  /** `cpu` for a software WebGPU adapter, too. Of backends that others registered, `gpu` for webgl's only. */
  readonly device: 'cpu' | 'gpu';
  /** Threads that compute on the CPU; `null` where the backend does not tell. */
  readonly threads: number | null;
  /** Which kernels run; `null` for every backend but `simd`. */
  readonly simd: SimdLevel | null;
  /** Why this one: what it runs on, after the reason why each better one was refused. */
  readonly why: string;
}

/**
 * Makes TensorFlow.js use the backend called `name`, or with `auto` the best that works here: tensorflow with a GPU,
 * webgpu with a hardware adapter, `simd`, tensorflow on the CPU, cpu. Each is checked on a small convolution and its
 * gradients first. On failure the backend of before is active again.
 *
 * Besides {@link BACKEND_NAMES}, any backend that is already registered with TensorFlow.js can be named.
 *
 * @throws {UnknownBackendError} if there is no such backend or level.
 * @throws {BackendError} if none that may be used works, saying why for each.
 */
export async function useBackend(
  name: BackendName | (string & {}) = 'auto',
  options: BackendOptions = {},
): Promise<Backend> {
  const { threads, level } = options;
  if (threads !== undefined && !(Number.isInteger(threads) && threads >= 1)) {
    throw new BackendError(
      `useBackend: threads must be a whole number from 1 up, got ${threads}. Leave it out for all cores.`,
    );
  }
  if (level !== undefined && !isSimdLevel(level)) {
    throw new UnknownBackendError(
      `useBackend: level must be one of ${SIMD_LEVELS.join(', ')}, got ${level}. Leave it out for the best.`,
    );
  }
  const { note: _, ...backend } = await firstWorking(candidates(name, options));
  return backend;
}

function candidates(name: string, options: BackendOptions): readonly Candidate[] {
  const known = byName(options);
  if (isBackendName(name)) return known[name];
  if (findBackendFactory(name)) return [registered(name)];
  throw new UnknownBackendError(unknown(name));
}

const isBackendName = (name: string): name is BackendName => BACKEND_NAMES.some((known) => known === name);

function byName({
  threads,
  level,
  software = false,
  load: importer = load,
}: BackendOptions): Record<BackendName, readonly Candidate[]> {
  const own = simd({ threads, level });
  const gpu = tensorflow('gpu', importer);
  const native = tensorflow('cpu', importer);
  const graphics = webgpu(software, importer);
  return {
    auto: [gpu, graphics, own, native, cpu()],
    tensorflow: [gpu, native],
    webgpu: [graphics],
    simd: [own],
    cpu: [cpu()],
  };
}

/** A backend that somebody else registered, `webgl` or `wasm` say. */
const registered = (name: string): Candidate => ({
  label: name,
  start: async () => ({
    name,
    device: name.startsWith('webgl') ? 'gpu' : 'cpu',
    threads: null,
    simd: null,
    note: 'was registered already.',
  }),
});

function unknown(name: string): string {
  const closest = BACKEND_NAMES.toSorted((a, b) => distance(name, a) - distance(name, b))[0]!;
  const next = distance(name, closest) <= 3 ? `Did you mean '${closest}'?` : 'Import its package first if it has one.';
  return `useBackend: name must be one of ${BACKEND_NAMES.join(', ')}, got '${name}'. ${next}`;
}
