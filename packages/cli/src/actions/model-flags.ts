import { modelOptionNames, type RecipeModel } from '@resnet/experiments';

/** The network's options among the given flags. */
export const modelFlagsOf = (flags: object): Partial<Omit<RecipeModel, 'name'>> =>
  Object.fromEntries(
    Object.entries(flags).filter(([name, value]) => value !== undefined && name !== 'name' && isModelOption(name)),
  );

/** Whether a flag is an option of the network. */
export const isModelOption = (flag: string): boolean => modelOptionNames.some((name) => name === flag);
