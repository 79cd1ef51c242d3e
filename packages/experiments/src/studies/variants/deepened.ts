import { deepenModel } from '@resnet/models';
import { endOf } from '../../findings/moments';
import { asTrained, directoryOf, type PlannedRun } from '../planned-run';

/** Continues from the end of `base` with one identity block more in each stage: the solution by construction (§1). */
export const deepenedFrom = (base: PlannedRun): NonNullable<PlannedRun['network']> => {
  return (root) =>
    async ({ seed }) =>
      (await endOf(asTrained(root, base))).with((model) => deepenModel(model, 1, { seed }));
};

/** A name that changes with the run that is deepened. */
export const deepenedName = (base: PlannedRun): string => `deepened from ${directoryOf('', base)}`;
