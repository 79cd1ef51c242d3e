import { profileSimd } from '@resnet/backend';
import * as tf from '@tensorflow/tfjs';

/** Time spent in one kernel. */
export interface KernelTime {
  /** Name of the kernel or job. */
  readonly kernel: string;
  /** Number of calls. */
  readonly calls: number;
  /** Milliseconds, without the kernels that it called. */
  readonly milliseconds: number;
}

/**
 * Times what the active backend does while `f` runs, the longest first: on `simd` by its jobs, those of replayed steps too, elsewhere by the
 * kernels of TensorFlow.js.
 */
export async function profile(f: () => Promise<void>): Promise<KernelTime[]> {
  if (tf.getBackend() === 'simd') {
    const times = await profileSimd(f);
    return times.map(({ kernel, calls, seconds }) => ({ kernel, calls, milliseconds: 1000 * seconds }));
  }
  const stop = profileKernels();
  await f();
  return stop();
}

/**
 * Times every kernel of the active backend from now on. Kernels of a backend that computes elsewhere (webgpu) or later
 * are seen when they are called, not when they are done.
 *
 * @returns `stop`, which puts the kernels back and gives the times, longest first.
 */
export function profileKernels(): () => KernelTime[] {
  const times = new Map<string, { calls: number; milliseconds: number }>();
  const inside: number[] = [];

  const timed =
    (name: string, kernel: tf.KernelFunc): tf.KernelFunc =>
    (call) => {
      const start = performance.now();
      inside.push(0);
      try {
        return kernel(call);
      } finally {
        const whole = performance.now() - start;
        const entry = times.get(name) ?? { calls: 0, milliseconds: 0 };
        times.set(name, { calls: entry.calls + 1, milliseconds: entry.milliseconds + whole - inside.pop()! });
        if (inside.length > 0) inside[inside.length - 1]! += whole;
      }
    };

  const stock = tf.getKernelsForBackend(tf.getBackend());
  for (const config of stock) replace({ ...config, kernelFunc: timed(config.kernelName, config.kernelFunc) });

  return () => {
    stock.forEach(replace);
    return [...times].map(([kernel, time]) => ({ kernel, ...time })).sort((a, b) => b.milliseconds - a.milliseconds);
  };
}

function replace(config: tf.KernelConfig): void {
  tf.unregisterKernel(config.kernelName, config.backendName);
  tf.registerKernel(config);
}

/** The times as a table, with what the whole took outside all kernels as the last row. */
export function kernelTable(times: readonly KernelTime[], totalMilliseconds: number): string[] {
  const inKernels = times.reduce((sum, { milliseconds }) => sum + milliseconds, 0);
  const outside = { kernel: '(outside kernels)', calls: 0, milliseconds: totalMilliseconds - inKernels };
  const width = Math.max(...[...times, outside].map(({ kernel }) => kernel.length));
  const line = (kernel: string, calls: string, total: string, share: string) =>
    `${kernel.padEnd(width)}  ${calls.padStart(6)}  ${total.padStart(9)}  ${share.padStart(6)}`;
  return [
    line('kernel', 'calls', 'total ms', 'share'),
    ...[...times, outside].map(({ kernel, calls, milliseconds }) =>
      line(
        kernel,
        calls > 0 ? String(calls) : '',
        milliseconds.toFixed(1),
        `${((100 * milliseconds) / totalMilliseconds).toFixed(1)} %`,
      ),
    ),
  ];
}
