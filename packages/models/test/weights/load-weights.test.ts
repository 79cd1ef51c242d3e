import {
  createModel,
  exportSafetensors,
  loadWeights,
  modelWeights,
  type NamedWeights,
  readWeights,
  WeightMismatchError,
} from '@resnet/models';
import type { SafeTensor } from '@resnet/safetensors';
import { type Golden, goldenBytes, loadGolden } from '@resnet/testing';
import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';

beforeAll(() => tf.setBackend('cpu'));

/** The final weights of a recorded run, in PyTorch's layout. */
const finalWeights = (run: string): NamedWeights =>
  new Map(
    [...readWeights(goldenBytes(`${run}.safetensors`))]
      .filter(([name]) => name.startsWith('final.'))
      .map(([name, tensor]) => [name.slice('final.'.length), tensor]),
  );

/** What a model makes of the first recorded batch, and the largest difference from what PyTorch made of it. */
const logitsDifference = (model: tf.LayersModel, golden: Golden): number =>
  tf.tidy(() => {
    const images = golden.tensor('images').slice(0, 1).squeeze([0]);
    const logits = model.apply(images, { training: false }) as tf.Tensor;
    return tf.max(tf.abs(tf.sub(logits, golden.tensor('logits_eval')))).dataSync()[0]!;
  });

const resnet8 = () => createModel('resnet8', { shortcut: 'B', zeros: true });
const error = (load: () => void): WeightMismatchError => {
  try {
    load();
  } catch (thrown) {
    if (thrown instanceof WeightMismatchError) return thrown;
  }
  throw new Error('loadWeights threw no WeightMismatchError');
};

describe('loadWeights', () => {
  it.each([
    ['trajectory-resnet8-B', createModel('resnet8', { shortcut: 'B', seed: 1 })],
    ['trajectory-resnet8-A-split', createModel('resnet8', { shortcut: 'A', pad: 'split', seed: 1 })],
  ])("gives PyTorch's logits with the weights of %s", (run, model) => {
    const golden = loadGolden(run);
    expect(logitsDifference(model, golden)).toBeGreaterThan(0.1); // other weights: the next line can fail
    loadWeights(model, finalWeights(run));
    expect(logitsDifference(model, golden)).toBeLessThan(1e-5);
  });

  it('names what a file holds on a line each, as far as anybody reads', () => {
    const empty: SafeTensor = { dtype: 'F32', shape: [0], data: new Float32Array(0) };
    const weights = new Map(Array.from({ length: 1000 }, (_, i) => [`\u001b]0;title\u0007\n${i}`, empty]));
    const { message, unexpected, missing } = error(() => loadWeights(resnet8(), weights));
    expect(unexpected).toHaveLength(1000);
    expect(message).toContain('unexpected: \\u{1b}]0;title\\u{7}\\u{a}0\n');
    expect(message).toContain('… and 800 more');
    expect(message.split('\n')).toHaveLength(1 + missing.length + 201);
  });

  it('understands DataParallel, other names and counts of batches', async () => {
    const weights = finalWeights('trajectory-resnet8-B');
    const count: SafeTensor = { dtype: 'I64', shape: [], data: BigInt64Array.of(7n) };
    const renamed = [...weights].map(([name, tensor]): [string, SafeTensor] => [
      `module.${name.replace('fc.', 'linear.').replace('downsample', 'shortcut')}`,
      tensor,
    ]);
    const model = resnet8();
    loadWeights(model, new Map([...renamed, ['module.bn1.num_batches_tracked', count]]));
    expect(await modelWeights(model)).toEqual(weights);
  });

  it('converts half precision', async () => {
    const weights = new Map(finalWeights('trajectory-resnet8-B'));
    weights.set('fc.bias', { dtype: 'F16', shape: [10], data: new Uint16Array(10).fill(0x3e00) });
    const model = resnet8();
    loadWeights(model, weights);
    expect((await modelWeights(model)).get('fc.bias')?.data).toEqual(new Float32Array(10).fill(1.5));
  });

  it('lists everything that does not fit, and changes nothing', async () => {
    const weights = new Map(finalWeights('trajectory-resnet8-B'));
    weights.delete('bn1.running_var');
    weights.delete('fc.bias');
    weights.set('fc.weight', { dtype: 'F32', shape: [64, 10], data: new Float32Array(640) });
    weights.set('layer4.0.conv1.weight', { dtype: 'F32', shape: [1], data: new Float32Array(1) });
    const model = createModel('resnet8', { shortcut: 'B', seed: 3 });
    const before = await modelWeights(model);
    const { message, missing, unexpected, wrongShape } = error(() => loadWeights(model, weights));
    expect(missing).toEqual(['bn1.running_var', 'fc.bias']);
    expect(unexpected).toEqual(['layer4.0.conv1.weight']);
    expect(wrongShape).toEqual([{ name: 'fc.weight', expected: [10, 64], got: [64, 10] }]);
    for (const name of [...missing, ...unexpected, 'fc.weight must be [10,64], got [64,10]']) {
      expect(message).toContain(name);
    }
    expect(await modelWeights(model)).toEqual(before);
  });

  it('changes nothing for a dtype it cannot read', async () => {
    const weights = new Map(finalWeights('trajectory-resnet8-B'));
    weights.set('fc.bias', { dtype: 'F8_E4M3', shape: [10], data: new Uint8Array(10) });
    const model = createModel('resnet8', { shortcut: 'B', seed: 3 });
    const before = await modelWeights(model);
    expect(() => loadWeights(model, weights)).toThrow(/8-bit float/);
    expect(await modelWeights(model)).toEqual(before);
  });

  it("refuses another shortcut's weights", () => {
    const model = createModel('resnet8', { shortcut: 'A', zeros: true });
    const { unexpected, missing } = error(() => loadWeights(model, finalWeights('trajectory-resnet8-B')));
    expect(missing).toEqual([]);
    expect(unexpected).toHaveLength(10); // two projections of a kernel and four vectors each
  });

  it('leaves no tensor behind', () => {
    const model = resnet8();
    const weights = finalWeights('trajectory-resnet8-B');
    const { numTensors } = tf.memory();
    loadWeights(model, weights);
    expect(tf.memory().numTensors).toBe(numTensors);
  });
});

describe('exportSafetensors', () => {
  it('keeps names, values, the layout and metadata', async () => {
    const weights = finalWeights('trajectory-resnet8-B');
    const model = resnet8();
    loadWeights(model, weights);
    const { numTensors } = tf.memory();
    const file = await exportSafetensors(model, { epochs: '6' });
    expect(tf.memory().numTensors).toBe(numTensors);
    expect(readWeights(file).size).toBe(weights.size);
    for (const [name, tensor] of weights) expect(readWeights(file).get(name)).toEqual(tensor);
    expect(new TextDecoder().decode(file.subarray(8, 64))).toContain('"__metadata__":{"format":"pt","epochs":"6"}');
  });
});
