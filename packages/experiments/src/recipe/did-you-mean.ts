import { closest, distance } from 'fastest-levenshtein';

/** ` Did you mean 'steps'?`, or nothing where no name is near. */
export const didYouMean = (name: string, names: readonly string[]): string => {
  const nearest = closest(name, names);
  return distance(name, nearest) <= Math.max(2, name.length / 2) ? ` Did you mean '${nearest}'?` : '';
};
