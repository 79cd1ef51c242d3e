import { closest, distance } from 'fastest-levenshtein';

/** A suggestion such as ` Did you mean 'steps'?`; empty if no name is similar. */
export const didYouMean = (name: string, names: readonly string[]): string => {
  const nearest = closest(name, names);
  return distance(name, nearest) <= Math.max(2, name.length / 2) ? ` Did you mean '${nearest}'?` : '';
};
