import * as tf from '@tensorflow/tfjs';
import '@tensorflow/tfjs-backend-cpu';
import { beforeAll, describe, expect, it } from 'vitest';
import { registerWebGpu } from '../../src/webgpu';
import type { Command } from '../../src/webgpu/commands';
import type { StepRecording } from '../../src/webgpu/recording/step';
import type { WebGpuBackend } from '../../src/webgpu/webgpu-backend';
import { asTensors, inputsAt, record, smallStep } from './small-step';

/** Shaders that were compiled and are kept back until the test lets them be ready. */
const compiled: (() => void)[] = [];
/** What JavaScript did to a buffer that a command was still going to use. */
const early: string[] = [];
const waiting = new Set<Command>();
/** Dawn's object, which must stay reachable: its promises settle only then. */
let dawn: GPU;

const buffersOf = (command: Command): readonly GPUBuffer[] => {
  if (command.kind === 'dispatch') return command.bindings.map((binding) => (binding as GPUBufferBinding).buffer);
  return command.kind === 'copy' ? [command.from, command.to] : [];
};

function note(what: string, buffer: GPUBuffer): void {
  const user = [...waiting].find((command) => buffersOf(command).includes(buffer));
  if (user) early.push(`${what} before ${user.kind === 'dispatch' ? user.label : user.kind}`);
}

/** Watches a device on which nothing is computed: its order alone is looked at. */
async function watchedDevice(adapter: GPUAdapter, descriptor: GPUDeviceDescriptor): Promise<GPUDevice> {
  const device = await adapter.requestDevice(descriptor);
  const { queue } = device;
  const compile = device.createComputePipelineAsync.bind(device);
  device.createComputePipelineAsync = async (shader) => {
    const pipeline = await compile(shader);
    await new Promise<void>((ready) => compiled.push(ready));
    return pipeline;
  };
  const write = queue.writeBuffer.bind(queue) as (...args: unknown[]) => undefined;
  queue.writeBuffer = (...args: unknown[]) => {
    note('written', args[0] as GPUBuffer);
    return write(...args);
  };
  const submit = queue.submit.bind(queue);
  queue.submit = (buffers) => {
    waiting.clear();
    return submit(buffers);
  };
  const create = device.createBuffer.bind(device);
  device.createBuffer = (size) => {
    const buffer = create(size);
    const destroy = buffer.destroy.bind(buffer);
    buffer.destroy = () => {
      note('destroyed', buffer);
      return destroy();
    };
    return buffer;
  };
  return device;
}

beforeAll(async () => {
  const { create, globals } = await import('webgpu');
  dawn = create(['backend=null']);
  Object.assign(globalThis, globals);
  Object.defineProperty(globalThis, 'navigator', { value: { ...globalThis.navigator, gpu: dawn }, configurable: true });
  const real = (await dawn.requestAdapter())!;
  const requestDevice = (descriptor: GPUDeviceDescriptor) => watchedDevice(real, descriptor);
  const adapter = { info: real.info, features: real.features, limits: real.limits, requestDevice };
  const tfjs = await import('@tensorflow/tfjs-backend-webgpu');
  await registerWebGpu({ adapter, tfjs } as unknown as Parameters<typeof registerWebGpu>[0]);
  await tf.setBackend('webgpu');
  const { commands } = tf.backend() as unknown as WebGpuBackend;
  const push = commands.push.bind(commands);
  commands.push = (command) => {
    waiting.add(command);
    push(command);
  };
});

/** Lets up to `count` shaders be ready, the last ones first, and gives those that wait for them a turn. */
async function letReady(count: number): Promise<void> {
  for (const ready of compiled.splice(-count).toReversed()) ready();
  await new Promise((turn) => setImmediate(turn));
}

/** Lets all shaders be ready. */
async function letAllReady(): Promise<void> {
  const { pipelines } = tf.backend() as unknown as WebGpuBackend;
  while (pipelines.pending > 0) await letReady(Number.POSITIVE_INFINITY);
}

/** Eight steps as the trainer takes them, unread, on batches of `n` images; `before` is called before each. */
async function steps(n: number, before: (i: number) => Promise<void>): Promise<tf.Tensor[]> {
  const { step, state } = smallStep();
  const outputs: tf.Tensor[] = [];
  let recording: StepRecording | undefined;
  for (let i = 0; i < 8; i++) {
    await before(i);
    const values = inputsAt(i, n);
    const replayed = recording?.replay(values) as tf.Tensor | null | undefined;
    if (replayed) {
      outputs.push(replayed);
      continue;
    }
    const inputs = asTensors(values, n);
    if (i === 1 || i === 2) {
      const recorded = record(inputs, state, () => step(...inputs));
      if (!('recording' in recorded)) throw new Error(recorded.reason);
      outputs.push(recorded.output as tf.Tensor);
      if (i === 1) recorded.recording.dispose();
      else recording = recorded.recording;
    } else {
      outputs.push(step(...inputs));
    }
    tf.dispose(inputs);
  }
  recording?.dispose();
  return outputs;
}

describe('JavaScript writes and destroys no buffer that waiting commands use', () => {
  /** Each scenario has images of its own count, and with it shaders that are not compiled yet. */
  it.each([1, 2, 3, 4, 6, 8])('where all shaders are ready before step %i', async (ready) => {
    const most: number[] = [];
    const outputs = await steps(10 + ready, async (i) => {
      most.push(waiting.size);
      if (i === ready) await letAllReady();
    });
    expect(Math.max(...most)).toBeGreaterThan(10);
    await letAllReady();
    for (const output of outputs) await output.data();
    expect(early).toEqual([]);
  });

  it.each([1, 2, 5])('where %i more are ready before each step', async (count) => {
    const outputs = await steps(20 + count, () => letReady(count));
    await letAllReady();
    for (const output of outputs) await output.data();
    expect(early).toEqual([]);
  });
});
