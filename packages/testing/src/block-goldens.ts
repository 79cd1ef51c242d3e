import { type Block, basic, bottleneck, network, none, padded, projected, projectedAlways } from '@resnet/blocks';
import * as tf from '@tensorflow/tfjs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { relativeDifference } from './difference';
import { type Golden, loadGolden } from './golden';
import { torchVariables } from './torch-weights';

const blocks: readonly (readonly [file: string, block: Block])[] = [
  ['block-basic-plain', basic(8, 1, none)],
  ['block-basic-A-end-stride2', basic(16, 2, padded({ pad: 'end' }))],
  ['block-basic-A-split-stride2', basic(16, 2, padded({ pad: 'split' }))],
  ['block-basic-B-stride2', basic(16, 2, projected)],
  ['block-basic-C-stride1', basic(8, 1, projectedAlways)],
  ['block-bottleneck-B-stride2-3x3', bottleneck(8, 2, projected)],
];

/** The relative difference from PyTorch that is put down to the order of additions. */
const TOLERANCE = 1e-4;

/**
 * Contract: on this backend, every recorded block gives PyTorch's outputs, gradients and running statistics.
 * Register the backend first. The backend that was current before is restored afterwards.
 */
export function blockGoldens(backend: string): void {
  describe(`block goldens on '${backend}'`, () => {
    let before: string;
    beforeAll(async () => {
      await tf.ready();
      before = tf.getBackend();
      if (!(await tf.setBackend(backend))) throw new Error(`blockGoldens: no backend '${backend}'. Register it first.`);
    });
    afterAll(() => tf.setBackend(before));

    it.each(blocks)('%s', async (file, block) => {
      tf.engine().startScope();
      try {
        await replay(loadGolden(file), block);
      } finally {
        tf.engine().endScope();
      }
    });
  });
}

async function replay(golden: Golden, block: Block): Promise<void> {
  const x = golden.tensor('x');
  const model = network({ inputShape: [x.shape[1]!, x.shape[2]!, x.shape[3]!] }, block);
  const variables = torchVariables(model);
  const recorded = golden.names.filter((name) => name.startsWith('init.')).map((name) => name.slice('init.'.length));
  expect([...variables.keys()].sort()).toEqual(recorded.sort());
  for (const [name, variable] of variables) variable.write(golden.tensor(`init.${name}`));

  const expectClose = async (actual: tf.Tensor, name: string) =>
    expect(await relativeDifference(actual, golden.tensor(name)), name).toBeLessThan(TOLERANCE);
  const trained = [...variables].filter(([, { trainable }]) => trainable);
  const weights = trained.map(([, variable]) => variable.read());
  const dy = golden.tensor('dy');
  let y: tf.Tensor | undefined;
  const gradients = tf.grads(() => {
    y = tf.keep(model.apply(x, { training: true }) as tf.Tensor);
    return tf.sum(tf.mul(y, dy));
  })([x, ...weights]);

  await expectClose(y!, 'y');
  await expectClose(gradients[0]!, 'dx');
  for (const [i, [name]] of trained.entries()) await expectClose(gradients[i + 1]!, `grad.${name}`);
  for (const [name, variable] of variables)
    if (!variable.trainable) await expectClose(variable.read(), `after.${name}`);
  await expectClose(model.apply(x) as tf.Tensor, 'y_eval');
  y!.dispose();
  model.dispose();
}
