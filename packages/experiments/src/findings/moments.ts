import { decodeCheckpoint, restoreWeights } from '@resnet/trainer';
import { fileCheckpoints, runPaths } from '@resnet/trainer/node';
import type * as tf from '@tensorflow/tfjs';
import { loadRun, preparedOf, unfinished } from '../run/saved-run';
import type { TrainedRun } from './trained-run';

/** A network at one moment of its training. */
export interface Moment {
  /** Iterations done; 0 is the initialization. */
  step: number;
  /** Runs `use` with the network, which is freed afterwards. */
  with<T>(use: (model: tf.LayersModel) => T | Promise<T>): Promise<T>;
}

/** Largest number of moments in a figure, besides the start. */
const FEW = 4;

/** The initialization of a run, then a few of its checkpoints; the last one is its end. */
export async function momentsOf(run: TrainedRun): Promise<[start: Moment, ...rest: Moment[]]> {
  const store = fileCheckpoints(runPaths(run.directory).checkpoints);
  const names = thinned([...(await store.list())].reverse());
  const checkpoints = await Promise.all(
    names.map(async (name) => {
      const { progress } = await decodeCheckpoint(await store.read(name));
      return { step: progress.step, read: () => store.read(name) };
    }),
  );
  return [moment(run, 0), ...checkpoints.map(({ step, read }) => moment(run, step, read))];
}

const thinned = (names: readonly string[]): string[] =>
  names.filter((_, i) => {
    const after = Math.floor(((i + 1) * FEW) / names.length);
    return names.length <= FEW || after > Math.floor((i * FEW) / names.length);
  });

/** The network at the end of its run, or at its newest checkpoint. */
export async function endOf(run: TrainedRun): Promise<Moment> {
  const [, ...trained] = await momentsOf(run);
  const end = trained.at(-1);
  if (end) return end;
  return unfinished(run.directory, 'must have been trained, got no checkpoint');
}

function moment(run: TrainedRun, step: number, read?: () => Promise<Uint8Array>): Moment {
  return {
    step,
    with: async (use) => {
      const model = await run.network(
        run.recipe,
        preparedOf(loadRun(run.directory)).classes.length,
        run.recipe.imageSize,
      );
      try {
        if (read) restoreWeights(model, await decodeCheckpoint(await read()));
        return await use(model);
      } finally {
        model.dispose();
      }
    },
  };
}
