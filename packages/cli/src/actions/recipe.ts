import {
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
export interface RecipeFlags extends RecipeFactsOptions {
  explain?: boolean;
  model?: string;
  data?: string;
  holdOut?: number;
  steps?: number;
  batchSize?: number;
  set: string[];
  backend?: string;
  software?: boolean;
  threads?: number;
}

/** `resnet recipe`. */
export async function recipe(source: string, flags: RecipeFlags): Promise<void> {
  const { model: name, data, holdOut, steps, batchSize, set, backend, software, threads, explain, ...timing } = flags;
  const changes = { ...(name && { model: { name } }), data, holdOut, steps, batchSize };
  const chosen = withSettings(withChanges(loadRecipe(source, note), changes, note), set, note);
  if (!explain) return printJson(chosen);
  const { why } = await startBackend(backend, { software, threads });
  const facts = await recipeFacts(chosen, { ...timing, onNote: note });
  for (const line of explainRecipe(chosen, facts)) print(line);
  if (facts.secondsPerStep !== null) note(`timed on ${why}`);
}
