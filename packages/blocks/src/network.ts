import * as tf from '@tensorflow/tfjs';
import type { Block } from './block';
import { type Initialization, initialized, scope } from './build-context';

/** What a model is made from, besides its block. */
export interface NetworkOptions extends Initialization {
  /** `[height, width, channels]`; null for an axis that may vary from batch to batch. */
  inputShape: readonly [height: number | null, width: number | null, channels: number];
  /** The model's name. Default: one of tf.layers' own. */
  name?: string;
}

/** Makes a model of a block. Its layers are named by their scopes: `conv1`, `layer1.0.bn2`, … */
export function network({ inputShape, name, ...initialization }: NetworkOptions, block: Block): tf.LayersModel {
  const inputs = tf.input({ shape: [...inputShape], name: 'input' });
  return tf.model({ inputs, outputs: scope('', initialized(initialization, block))(inputs), name });
}
