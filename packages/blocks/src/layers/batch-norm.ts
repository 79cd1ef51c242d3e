import * as tf from '@tensorflow/tfjs';
import { BlockError } from '../errors';
import { batchNormTraining } from '../ops/batch-norm';
import { runningStatistics } from '../ops/running-statistics';
import { type LayerArgs, lastAxis, onlyTensor, type Shape, zeros } from './layer-args';

/** How a batch normalization behaves. */
export interface BatchNormArgs extends LayerArgs {
  /** What is kept of the running statistics at each step: 0.9 is PyTorch's 0.1. */
  momentum?: number;
  /** Added to the variance before its root is taken. Default 1e-5. */
  epsilon?: number;
  /** Initial scale. Default: 1. With 0 a residual branch starts as zero (Goyal et al. 2017, §5.1). */
  initialScale?: number;
}

/**
 * Batch normalization over the last axis, as PyTorch does it: batch statistics in training, running ones otherwise,
 * and a running variance that is unbiased. With `trainable = false` it keeps and uses its running statistics even in training.
 * Weights: `gamma`, `beta`, `moving_mean`, `moving_variance`, each `[channels]`.
 */
export class BatchNorm extends tf.layers.Layer {
  /** What saved models call this layer. */
  static readonly className = 'ResNetBatchNorm';
  /** What is kept of the running statistics at each step. */
  readonly momentum: number;
  /** Added to the variance before its root is taken. */
  readonly epsilon: number;
  private readonly initialScale: number;
  private gamma!: tf.LayerVariable;
  private beta!: tf.LayerVariable;
  private movingMean!: tf.LayerVariable;
  private movingVariance!: tf.LayerVariable;

  constructor(args: BatchNormArgs = {}) {
    super(args);
    this.momentum = args.momentum ?? 0.9;
    this.epsilon = args.epsilon ?? 1e-5;
    this.initialScale = args.initialScale ?? 1;
  }

  override build(inputShape: Shape | Shape[]): void {
    const shape = [lastAxis(this.name, inputShape)];
    const weight = (name: string, initializer: ReturnType<typeof tf.initializers.constant>, trainable: boolean) =>
      this.addWeight(name, shape, 'float32', initializer, undefined, trainable);
    this.gamma = weight('gamma', tf.initializers.constant({ value: this.initialScale }), true);
    this.beta = weight('beta', zeros(), true);
    this.movingMean = weight('moving_mean', zeros(), false);
    this.movingVariance = weight('moving_variance', tf.initializers.ones(), false);
    this.built = true;
  }

  override call(inputs: tf.Tensor | tf.Tensor[], { training = false }: { training?: boolean }): tf.Tensor {
    const x = onlyTensor(inputs);
    return training && this.trainable ? this.train(x) : this.infer(x);
  }

  private infer(x: tf.Tensor): tf.Tensor {
    const [mean, variance] = [this.movingMean.read() as tf.Tensor1D, this.movingVariance.read() as tf.Tensor1D];
    return tf.batchNorm(
      x,
      mean,
      variance,
      this.beta.read() as tf.Tensor1D,
      this.gamma.read() as tf.Tensor1D,
      this.epsilon,
    );
  }

  private train(x: tf.Tensor): tf.Tensor {
    const count = x.size / x.shape.at(-1)!;
    if (count < 2) {
      throw new BlockError(
        `${this.name}: training needs more than one value a channel, got [${x.shape}]. Use a larger batch.`,
      );
    }
    return batchNormTraining(x, this.gamma.read(), this.beta.read(), this.epsilon, (mean, variance, count) => {
      const [nextMean, nextVariance] = runningStatistics(
        { mean, variance, runningMean: this.movingMean.read(), runningVariance: this.movingVariance.read() },
        { momentum: this.momentum, count },
      );
      this.movingMean.write(nextMean);
      this.movingVariance.write(nextVariance);
    });
  }

  override getConfig(): tf.serialization.ConfigDict {
    const { momentum, epsilon, initialScale } = this;
    return { ...super.getConfig(), momentum, epsilon, initialScale };
  }
}
tf.serialization.registerClass(BatchNorm);
