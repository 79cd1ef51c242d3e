import type * as tf from '@tensorflow/tfjs';
import { type Block, chain } from './block';
import { nextPlace } from './build-context';
import { Add } from './layers/add';
import { BatchNorm } from './layers/batch-norm';
import { Conv2D } from './layers/conv2d';
import { MaxPool } from './layers/max-pool';
import { ReLU } from './layers/relu';

/** The result of a layer with one output. */
export const applied = (layer: tf.layers.Layer, x: tf.SymbolicTensor | tf.SymbolicTensor[]): tf.SymbolicTensor =>
  layer.apply(x) as tf.SymbolicTensor;

/** A `size` × `size` convolution without bias; symmetric padding keeps the image's size at stride 1. */
export const conv =
  (filters: number, size: number, stride = 1): Block =>
  (x) =>
    applied(new Conv2D({ ...nextPlace('conv#'), filters, kernelSize: size, stride }), x);

/** Batch normalization. Its scale starts at `initialScale`: 0 makes a residual branch start as zero. */
export const norm =
  ({ initialScale = 1 } = {}): Block =>
  (x) =>
    applied(new BatchNorm({ name: nextPlace('bn#').name, initialScale }), x);

/** max(x, 0). */
export const relu: Block = (x) => applied(new ReLU({ name: nextPlace('relu#').name }), x);

/** Convolution, then batch normalization: the paper's order puts the ReLU after both (§3.4). */
export const convNorm = (filters: number, size: number, stride = 1, options: { initialScale?: number } = {}): Block =>
  chain(conv(filters, size, stride), norm(options));

/** The sum of two tensors of one shape. */
export const add = (a: tf.SymbolicTensor, b: tf.SymbolicTensor): tf.SymbolicTensor =>
  applied(new Add({ name: nextPlace('add').name }), [a, b]);

/** The largest value of each `size` × `size` window, padded alike on all sides. */
export const maxPool =
  (size: number, stride: number, padding = Math.floor((size - 1) / 2)): Block =>
  (x) =>
    applied(new MaxPool({ name: nextPlace('maxpool').name, poolSize: size, stride, padding }), x);
