import { findBackendFactory } from '@tensorflow/tfjs';
import type { Candidate } from './candidate';
import { BackendError } from './errors';
import { inNode, type Load, loadFirst } from './load';

/** What WebGPU tells of the device behind an adapter. */
export interface AdapterInfo {
  readonly vendor?: string;
  readonly architecture?: string;
  readonly device?: string;
  readonly description?: string;
  readonly isFallbackAdapter?: boolean;
}

/** The part of `navigator.gpu` that is needed to look at the hardware. */
interface Gpu {
  requestAdapter(options: { powerPreference: 'high-performance' }): Promise<{ readonly info?: AdapterInfo } | null>;
}

/** The `webgpu` package: Dawn, Chromium's WebGPU, for Node. */
interface Dawn {
  create(flags: string[]): Gpu;
  readonly globals: Readonly<Record<string, unknown>>;
}

/**
 * WebGPU, in browsers and, through the `webgpu` package, in Node.
 *
 * @param software Accept an adapter that computes on the CPU, for tests.
 */
export const webgpu = (software: boolean, load: Load): Candidate => ({
  label: 'webgpu',
  async start() {
    const { gpu, publish } = await findGpu(load);
    const info = await adapterInfo(gpu);
    const name = describe(info);
    if (isSoftware(info) && !software) {
      throw new BackendError(
        `its adapter, ${name}, is a software renderer, slower than simd (software: true takes it)`,
      );
    }
    publish();
    await register(load);
    return {
      name: 'webgpu',
      device: isSoftware(info) ? 'cpu' : 'gpu',
      threads: null,
      simd: null,
      note: `runs on ${name}.`,
    };
  },
});

/** The browser's GPU, or Dawn's, which `publish` makes known as `navigator.gpu`, where TensorFlow.js looks for it. */
async function findGpu(load: Load): Promise<{ gpu: Gpu; publish: () => void }> {
  const present = (globalThis.navigator as { gpu?: Gpu } | undefined)?.gpu;
  if (present) return { gpu: present, publish: () => {} };
  if (!inNode()) throw new BackendError('this browser has no navigator.gpu');
  const { create, globals } = (await loadFirst(['webgpu'], load)).module as Dawn;
  const gpu = create([]);
  const publish = () => {
    Object.assign(globalThis, globals);
    // Node 21 and later have a navigator that cannot be replaced by assignment; Node 20 has none.
    const host = globalThis.navigator ?? {};
    Object.defineProperty(host, 'gpu', { value: gpu, configurable: true });
    Object.defineProperty(globalThis, 'navigator', { value: host, configurable: true, writable: true });
  };
  return { gpu, publish };
}

async function adapterInfo(gpu: Gpu): Promise<AdapterInfo> {
  const adapter = await gpu.requestAdapter({ powerPreference: 'high-performance' });
  if (!adapter) throw new BackendError('no adapter: neither a GPU nor a driver for one was found');
  return adapter.info ?? {};
}

/** Importing the package registers the backend if `navigator.gpu` is there by then. */
async function register(load: Load): Promise<void> {
  if (findBackendFactory('webgpu')) return;
  if (!inNode()) throw new BackendError("not registered (import '@tensorflow/tfjs-backend-webgpu' first)");
  await loadFirst(['@tensorflow/tfjs-backend-webgpu'], load);
  if (!findBackendFactory('webgpu')) {
    throw new BackendError('@tensorflow/tfjs-backend-webgpu was imported before there was a navigator.gpu');
  }
}

/** Whether the adapter is one of the known CPU implementations (SwiftShader, Mesa's llvmpipe, Microsoft's WARP). */
export const isSoftware = (info: AdapterInfo): boolean =>
  info.isFallbackAdapter === true || /swiftshader|llvmpipe|lavapipe|basic render|software/i.test(describe(info));

const describe = ({ vendor, architecture, device, description }: AdapterInfo): string =>
  [vendor, architecture, device, description].filter(Boolean).join(' ') || 'an adapter without a name';
