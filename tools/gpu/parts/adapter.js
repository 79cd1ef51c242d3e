// Prints the adapter that WebGPU finds, with its limits and features; exits with 1 if there is none that may be used.
import { cpus } from 'node:os';
import { useBackend } from '@resnet/backend';

const adapter = await navigator.gpu.requestAdapter({ powerPreference: 'high-performance' });
if (!adapter) {
  console.log('WebGPU found no adapter: no GPU, no driver, or no Vulkan loader.');
  process.exit(1);
}
const named = (object, names) => Object.fromEntries(names.map((name) => [name, object[name]]));
const { info, limits, features } = adapter;
const facts = {
  cpu: cpus()[0]?.model,
  cores: cpus().length,
  info: named(info, [
    'vendor',
    'architecture',
    'device',
    'description',
    'subgroupMinSize',
    'subgroupMaxSize',
    'isFallbackAdapter',
  ]),
  features: [...features].sort(),
  limits: named(
    limits,
    Object.keys(Object.getPrototypeOf(limits)).filter((name) => name.startsWith('max') || name.startsWith('min')),
  ),
};
console.log(JSON.stringify(facts, null, 1));
try {
  const { why } = await useBackend('webgpu', { software: Boolean(process.env.SOFTWARE) });
  console.log(why);
  process.exit(0);
} catch (error) {
  console.log(String(error.message));
  process.exit(1);
}
