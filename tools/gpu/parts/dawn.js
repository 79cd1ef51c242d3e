// Loaded before a program (--import): makes Dawn navigator.gpu, with the flags of DAWN_FLAGS.
import { create, globals } from 'webgpu';

const flags = (process.env.DAWN_FLAGS || 'enable-dawn-features=disable_workgroup_init').split(';').filter(Boolean);
Object.assign(globalThis, globals);
const host = globalThis.navigator ?? {};
Object.defineProperty(host, 'gpu', { value: create(flags), configurable: true });
Object.defineProperty(globalThis, 'navigator', { value: host, configurable: true, writable: true });
