import * as tf from '@tensorflow/tfjs';
import { MathBackendCPU } from '@tensorflow/tfjs-backend-cpu';

/**
 * A STAND-IN for tfjs-node, whose native library cannot be installed everywhere: TensorFlow.js's own cpu backend under
 * tensorflow's name. Like tfjs-node 4.22 its convolutions and pools know `valid` and `same` only, its kernels return
 * tensors that the engine tracks, and its backend tells whether it uses a GPU.
 */
export function registerStandIn({ gpu = false } = {}): void {
  class StandIn extends MathBackendCPU {
    readonly isUsingGpuDevice = gpu;
    readonly isGPUPackage = gpu;
  }
  for (const { kernelName, kernelFunc } of tf.getKernelsForBackend('cpu')) {
    tf.registerKernel({ kernelName, backendName: 'tensorflow', kernelFunc: asTfjsNode(kernelName, kernelFunc) });
  }
  tf.registerBackend('tensorflow', () => new StandIn(), 3);
}

/** Forgets the stand-in, for the next test. */
export async function removeStandIn(): Promise<void> {
  await tf.setBackend('cpu');
  if (tf.findBackendFactory('tensorflow')) tf.removeBackend('tensorflow');
  for (const { kernelName } of tf.getKernelsForBackend('tensorflow')) tf.unregisterKernel(kernelName, 'tensorflow');
}

const strict = ['Conv2D', 'FusedConv2D', 'Conv2DBackpropFilter', 'Conv2DBackpropInput', 'MaxPool', 'MaxPoolGrad'];

function asTfjsNode(kernelName: string, stock: tf.KernelFunc): tf.KernelFunc {
  if (!strict.includes(kernelName)) return stock;
  return (call) => {
    const pad = call.attrs!.pad;
    if (typeof pad !== 'string' && pad !== 0) {
      throw new Error("TF Backend supports only 'valid' and 'same' padding while padding was NUMBER");
    }
    return tf.engine().makeTensorFromTensorInfo(stock(call) as tf.TensorInfo);
  };
}
