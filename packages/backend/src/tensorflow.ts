import { findBackend, findBackendFactory } from '@tensorflow/tfjs';
import type { Candidate } from './candidate';
import { BackendError } from './errors';
import { allowExplicitPadding } from './explicit-padding';
import { inNode, type Load, loadFirst } from './load';

/** The GPU build first: without a GPU it computes on the CPU as the other does. Both register the same name. */
const packages = ['@tensorflow/tfjs-node-gpu', '@tensorflow/tfjs-node'];
const packageFor = { gpu: '@tensorflow/tfjs-node-gpu', cpu: '@tensorflow/tfjs-node' };

/** What tfjs-node's backend tells of itself. */
interface NodeBackend {
  readonly isUsingGpuDevice?: boolean;
}

/** TensorFlow's C library through tfjs-node-gpu or tfjs-node, if it computes on `device`. Node only. */
export const tensorflow = (device: 'cpu' | 'gpu', load: Load): Candidate => ({
  label: device === 'gpu' ? 'tensorflow on a GPU' : 'tensorflow on the CPU',
  async start() {
    const origin = await register(load, packageFor[device]);
    const found = (findBackend('tensorflow') as NodeBackend | null)?.isUsingGpuDevice ? 'gpu' : 'cpu';
    if (device === 'gpu' && found === 'cpu') throw new BackendError(`${origin} sees no GPU`);
    allowExplicitPadding('tensorflow');
    return { name: 'tensorflow', device: found, threads: null, simd: null, note: `${origin} works.` };
  },
});

/** Importing the package registers the backend, unless somebody did so before. Returns the package's name. */
async function register(load: Load, advice: string): Promise<string> {
  if (!inNode()) throw new BackendError('needs Node');
  restoreRemovedHelper();
  if (findBackendFactory('tensorflow')) return 'the registered tensorflow backend';
  const { name } = await loadFirst(packages, load, advice);
  if (findBackendFactory('tensorflow')) return name;
  throw new BackendError(`${name} brought another copy of @tensorflow/tfjs-core (npm dedupe)`);
}

/** tfjs-node 4.22 calls `util.isNullOrUndefined` in its first op, and Node 23 removed it (tensorflow/tfjs#8425). */
function restoreRemovedHelper(): void {
  // Not an import: bundlers for browsers would stumble over it.
  const util: { isNullOrUndefined?: (x: unknown) => boolean } = process.getBuiltinModule('node:util');
  util.isNullOrUndefined ??= (x) => x === null || x === undefined;
}
