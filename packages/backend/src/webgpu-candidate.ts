import type { Candidate } from './candidate';
import { BackendError } from './errors';
import { inNode, type Load, loadFirst } from './load';
import { registerWebGpu, type WebGpuOptions } from './webgpu';

/** What WebGPU tells of the device behind an adapter. */
export interface AdapterInfo {
  readonly vendor?: string;
  readonly architecture?: string;
  readonly device?: string;
  readonly description?: string;
  readonly isFallbackAdapter?: boolean;
}

/** An adapter, which says what it is. */
type Adapter = WebGpuOptions['adapter'] & { readonly info?: AdapterInfo };

/** The part of `navigator.gpu` that is needed to look at the hardware. */
interface Gpu {
  requestAdapter(options: { powerPreference: 'high-performance' }): Promise<Adapter | null>;
}

/** The `webgpu` package: Dawn, Chromium's WebGPU, for Node. */
interface Dawn {
  create(flags: string[]): Gpu;
  readonly globals: Readonly<Record<string, unknown>>;
}

/** Workgroup memory is not filled with zeros, which takes software adapters long: kernels read what they wrote. */
const flags = ['enable-dawn-features=disable_workgroup_init'];

/** Dawn's objects. Promises of their devices settle only while they are reachable, and a navigator may be replaced. */
const reachable = new Set<Gpu>();

/**
 * WebGPU: built into browsers, their workers and Deno; in Node and Bun through the `webgpu` package.
 *
 * @param software Accept an adapter that computes on the CPU, for tests.
 * @param register Registers the backend on an adapter.
 */
export const webgpu = (software: boolean, load: Load, register = registerWebGpu): Candidate => ({
  label: 'webgpu',
  async start() {
    const { gpu, publish } = await findGpu(load);
    const adapter = await requestAdapter(gpu);
    const info = adapter.info ?? {};
    const name = describe(info);
    if (isSoftware(info) && !software) {
      throw new BackendError(
        `its adapter, ${name}, is a software renderer, slower than simd (software: true takes it)`,
      );
    }
    publish();
    await register({ adapter, tfjs: await tfjsBackend(load) });
    return {
      name: 'webgpu',
      device: isSoftware(info) ? 'cpu' : 'gpu',
      threads: null,
      simd: null,
      note: `runs on ${name}.`,
    };
  },
});

/** The host's GPU, or Dawn's, which `publish` makes known as `navigator.gpu`, where TensorFlow.js looks for it. */
async function findGpu(load: Load): Promise<{ gpu: Gpu; publish: () => void }> {
  const present = (globalThis.navigator as { gpu?: Gpu } | undefined)?.gpu;
  if (present) return { gpu: present, publish: () => {} };
  if (!inNode()) throw new BackendError('this browser has no navigator.gpu');
  const { create, globals } = (await loadFirst(['webgpu'], load)).module as Dawn;
  const gpu = create(flags);
  reachable.add(gpu);
  const publish = () => {
    Object.assign(globalThis, globals);
    // Node 21 and later have a navigator that cannot be replaced by assignment; Node 20 has none.
    const host = globalThis.navigator ?? {};
    Object.defineProperty(host, 'gpu', { value: gpu, configurable: true });
    Object.defineProperty(globalThis, 'navigator', { value: host, configurable: true, writable: true });
  };
  return { gpu, publish };
}

async function requestAdapter(gpu: Gpu): Promise<Adapter> {
  const adapter = await gpu.requestAdapter({ powerPreference: 'high-performance' });
  if (!adapter) throw new BackendError('no adapter: neither a GPU nor a driver for one was found');
  return adapter;
}

/** TensorFlow.js's own backend, which reads `navigator.gpu` when it is imported. */
async function tfjsBackend(load: Load): Promise<WebGpuOptions['tfjs']> {
  const name = '@tensorflow/tfjs-backend-webgpu';
  try {
    return (await loadFirst([name], load)).module as WebGpuOptions['tfjs'];
  } catch (cause) {
    if (inNode()) throw cause;
    throw new BackendError(`a page must hand it over: useBackend('webgpu', { load: () => import('${name}') })`, {
      cause,
    });
  }
}

/** Whether the adapter is one of the known CPU implementations (SwiftShader, Mesa's llvmpipe, Microsoft's WARP). */
export const isSoftware = (info: AdapterInfo): boolean =>
  info.isFallbackAdapter === true || /swiftshader|llvmpipe|lavapipe|basic render|software/i.test(describe(info));

const describe = ({ vendor, architecture, device, description }: AdapterInfo): string =>
  [vendor, architecture, device, description].filter(Boolean).join(' ') || 'an adapter without a name';
