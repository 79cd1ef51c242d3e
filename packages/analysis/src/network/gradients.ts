import * as tf from '@tensorflow/tfjs';
import { AnalysisError } from '../analysis-error';
import { isConvolution } from './graph';
import { checkLabels } from './labels';
import { takeNorm } from './norm';

/** The gradient that reaches one layer's kernel. */
export interface LayerGradient {
  /** Name of the convolution. */
  layer: string;
  /** L2 norm of the loss's gradient with respect to the kernel. */
  gradientNorm: number;
  /** L2 norm of the kernel itself. */
  weightNorm: number;
}

/**
 * The gradient's norm at each convolution for one batch, in the network's order: "vanishing gradients?" by measurement.
 *
 * The network runs in training mode, so batch normalization uses the batch's statistics; its running statistics are
 * put back afterwards.
 *
 * @param images `[n, h, w, c]`, preprocessed as the model wants them; the caller disposes of it.
 * @param labels Class indices of the images.
 * @throws AnalysisError where labels and images or classes do not fit.
 */
export async function gradientNorms(
  model: tf.LayersModel,
  images: tf.Tensor,
  labels: Int32Array,
): Promise<LayerGradient[]> {
  const layers = model.layers.filter((layer) => isConvolution(layer) && layer.trainableWeights.length > 0);
  const kernels = layers.map((layer) => kernelOf(layer));
  const gradients = withoutSideEffects(model, () =>
    tf.tidy(() => {
      const { grads } = tf.variableGrads(() => meanCrossEntropy(model, images, labels), kernels);
      return kernels.map(({ name }) => grads[name]!);
    }),
  );
  const norms: LayerGradient[] = [];
  for (const [i, { name }] of layers.entries()) {
    const gradientNorm = await takeNorm(gradients[i]!);
    norms.push({ layer: name, gradientNorm, weightNorm: await takeNorm(kernels[i]!.clone()) });
  }
  return norms;
}

function kernelOf(layer: tf.layers.Layer): tf.Variable {
  const kernel = layer.trainableWeights[0]!.read();
  if (kernel instanceof tf.Variable) return kernel;
  throw new AnalysisError(
    `gradientNorms: the kernel of '${layer.name}' must be a variable, got a tensor. Pass a model that can be trained.`,
  );
}

function meanCrossEntropy(model: tf.LayersModel, images: tf.Tensor, labels: Int32Array): tf.Scalar {
  const logits = model.apply(images, { training: true });
  if (!(logits instanceof tf.Tensor)) {
    throw new AnalysisError(
      `gradientNorms: the model must have one output, its logits, got ${model.outputs.length}. Pass the part that classifies.`,
    );
  }
  checkLabels('gradientNorms', labels, logits.shape);
  const truth = tf.oneHot(tf.tensor1d(labels, 'int32'), logits.shape[1]!);
  return tf.losses.softmaxCrossEntropy(truth, logits).asScalar();
}

/** Runs `measure` and puts back every weight that changed meanwhile, the running statistics above all. */
export function withoutSideEffects<T>(model: tf.LayersModel, measure: () => T): T {
  const before = tf.tidy(() => model.getWeights().map((weight) => tf.keep(weight.clone())));
  try {
    return measure();
  } finally {
    model.setWeights(before);
    tf.dispose(before);
  }
}
