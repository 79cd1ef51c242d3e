import {
  type ComputePlace,
  explainRecipe,
  loadRecipe,
  type RecipeFactsOptions,
  recipeFacts,
  startBackend,
  withChanges,
  withSettings,
} from '@resnet/experiments';
import { note, print, printJson } from '../output';

/** Flags of `resnet recipe`. */
export interface RecipeFlags extends RecipeFactsOptions, ComputePlace {
  explain?: boolean;
  model?: string;
  data?: string;
  holdOut?: number;
  steps?: number;
  batchSize?: number;
  set: string[];
}

/** `resnet recipe`. */
export async function recipe(source: string, flags: RecipeFlags): Promise<void> {
  const { model: name, data, holdOut, steps, batchSize, set, explain } = flags;
  const changes = { ...(name && { model: { name } }), data, holdOut, steps, batchSize };
  const chosen = withSettings(withChanges(loadRecipe(source, note), changes, note), set, note);
  if (!explain) return printJson(chosen);
  const { why } = await startBackend(flags);
  const facts = await recipeFacts(chosen, { ...flags, onNote: note });
  for (const line of explainRecipe(chosen, facts)) print(line);
  if (facts.secondsPerStep !== null) note(`timed on ${why}`);
}
