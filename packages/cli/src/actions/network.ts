import {
  type ComputePlace,
  loadRun,
  networkOfRun,
  networkOfWeights,
  type RecipeModel,
  startBackend,
  type TrainedNetwork,
} from '@resnet/experiments';
import { UsageError } from '../errors';
import { note } from '../output';
import { modelFlagsOf } from './model-flags';

/** Flags that name a trained network: a run, or a model with a weight file. */
export interface NetworkFlags extends ComputePlace, Partial<Omit<RecipeModel, 'name'>> {
  run?: string;
  /** Name of the network. */
  model?: string;
  weights?: string;
  /** Which weights of a checkpoint that holds several. */
  key?: string;
}

/** Starts the backend and opens the trained network that the flags name. */
export async function openNetwork(flags: NetworkFlags): Promise<TrainedNetwork> {
  await startBackend(flags);
  if (flags.run !== undefined) return networkOfRun(loadRun(flags.run, note));
  if (flags.weights === undefined) {
    throw new UsageError(
      'network: must be named, got none. Pass --run DIR, or --weights with a file or a name that `resnet weights` lists.',
    );
  }
  const named = flags.model !== undefined && { model: { ...modelFlagsOf(flags), name: flags.model } };
  return networkOfWeights(flags.weights, { onNote: note, ...(flags.key && { key: flags.key }), ...named });
}
