import { registerSimd } from '@resnet/backend';
import { createModel } from '@resnet/models';
import { type Batch, memoryCheckpoints, type Parallel, sgd, type TrainOptions, train } from '@resnet/trainer';
import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { collect, fingerprint, metricLog, random } from './toys';

// The other process is a mirror: it has the same images, so sums are twice what this one has, exactly, and what is trained is
// what this process alone would train, bit for bit. With MPI: packages/distributed.

beforeAll(() => registerSimd({ threads: 1 }));

/** A process 0 of two, whose other one does the same; notes what is asked of it. */
function mirror(): Parallel & { calls: string[] } {
  const calls: string[] = [];
  let underWay: Float32Array[] = [];
  let counts = true;
  return {
    calls,
    begin: (value) => {
      counts = value;
    },
    rank: 0,
    size: 2,
    add: (values) => {
      calls.push(`add ${values.length}`);
      underWay.push(counts ? values : values.fill(0));
    },
    finish: () => {
      calls.push('finish');
      for (const values of underWay) for (let i = 0; i < values.length; i += 1) values[i]! *= 2;
      underWay = [];
    },
    // The rate is process 0's alone, and so is the wish to stop in these tests.
    sum: async (values) => (values.length === 2 ? [...values] : values.map((value) => 2 * value)),
    broadcast: async () => {},
  };
}

const shape = [8, 8, 3] as const;

function batchOf(seed: number, size: number): Batch {
  const draw = random(seed);
  const data = Float32Array.from({ length: size * 192 }, () => draw() - 0.5);
  const labels = Int32Array.from({ length: size }, () => Math.floor(draw() * 5));
  return { images: { data, shape: [size, ...shape] }, labels };
}

const source = async function* (epoch: number, firstBatch: number) {
  for (let i = firstBatch; i < 4; i += 1) yield batchOf(10 * epoch + i, i < 3 ? 8 : 5);
};

async function outcome(options: Partial<TrainOptions>) {
  const steps = tf.getBackend() === 'cpu' ? 2 : 14;
  const model = createModel('resnet8', { seed: 1, inputShape: [...shape], classes: 5 });
  const recorded: string[] = [];
  const before = tf.memory().numTensors;
  const events = await collect(
    train({
      model,
      batches: source,
      optimizer: sgd(),
      schedule: (step) => 0.05 / (1 + step),
      steps,
      validation: { batches: () => [batchOf(-1, 6), batchOf(-2, 4)], every: 2 },
      onRecording: (report) => recorded.push('reason' in report ? report.reason : 'recorded'),
      ...options,
    }),
  );
  const result = {
    weights: fingerprint(model),
    log: metricLog(events),
    recorded,
    leak: tf.memory().numTensors - before,
  };
  model.dispose();
  return result;
}

/** Counts are of both. */
const halved = (log: readonly string[]) =>
  log.map((line) => line.replace(/"images":(\d+)/, (_, images) => `"images":${images / 2}`));

describe.each(['simd', 'cpu'])('with another process, training on %s', (backend) => {
  beforeAll(async () => {
    await tf.setBackend(backend);
  });

  it('is that of this process alone where the other has the same images', async () => {
    const alone = await outcome({});
    const parallel = mirror();
    const both = await outcome({ parallel });
    expect(both.weights).toBe(alone.weights);
    expect(halved(both.log)).toEqual(alone.log);
    expect(both.leak).toBe(alone.leak);
    if (backend === 'simd') expect(both.recorded).toEqual(['recorded', 'recorded']);
  });

  it('sums the head first: gradients go as the backward pass has them', async () => {
    const parallel = mirror();
    await outcome({ parallel, steps: 1, validation: undefined as never, record: false });
    const adds = parallel.calls.slice(0, parallel.calls.indexOf('finish'));
    // The head's 64·5 and 5; conv1's 3·3·3·16 is among the last; loss and error follow.
    expect(adds.slice(0, 2).sort()).toEqual(['add 320', 'add 5']);
    expect(adds.slice(-4)).toContain('add 432');
    expect(adds.at(-1)).toBe('add 2');
    // Seven convolutions, their normalizations' scales and offsets, the head.
    expect(adds).toHaveLength(7 + 2 * 7 + 2 + 1);
  });

  it('does not count the image of a process that has none of its own', async () => {
    const parallel = { ...mirror(), finish: () => {} };
    const source = () => [{ ...batchOf(1, 1), part: { images: 0, of: 1 } }];
    const optimizer = sgd({ weightDecay: 0, momentum: 0 });
    const { log } = await outcome({ parallel, batches: source, steps: 4, optimizer, validation: undefined as never });
    expect(log.map((line) => JSON.parse(line))).toMatchObject(Array(4).fill({ images: 1, loss: 0, error: 0 }));
  });
});

describe('with another process', () => {
  beforeAll(async () => {
    await tf.setBackend('simd');
  });

  it('a stop that the other was asked for stops this one after the same step, with a checkpoint', async () => {
    const store = memoryCheckpoints();
    let asked = 0;
    const parallel: Parallel = {
      ...mirror(),
      sum: async (values) => {
        if (values.length !== 2) return values.map((value) => 2 * value);
        asked += 1;
        return [values[0]!, asked > 5 ? 1 : 0];
      },
    };
    const { log } = await outcome({ parallel, checkpoints: { store }, validation: undefined as never });
    // Asked once before the first step, then before each.
    expect(log).toHaveLength(5);
    expect(await store.list()).toEqual(['5']);
  });

  it('the rate is that of process 0', async () => {
    const parallel: Parallel = {
      ...mirror(),
      rank: 1,
      sum: async (values) => (values.length === 2 ? [0.25, 0] : [...values]),
    };
    const { log } = await outcome({ parallel, steps: 2, validation: undefined as never });
    expect(log.map((line) => JSON.parse(line).rate)).toEqual([0.25, 0.25]);
  });
});
