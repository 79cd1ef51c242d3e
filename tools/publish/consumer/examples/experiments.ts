import { recipes } from '@resnet/experiments';

/** The recipe of a first run. */
export const example = async () => {
  const { name, model, steps } = recipes.get('shapes10')!;
  return [name, model.name, steps];
};
