import { join } from 'node:path';
import { parse } from 'yaml';
import { loadRecipe } from '../../packages/experiments/src/recipe/resolve';
import { type CodeBlock, placeOf } from './code-block';

/**
 * Checks a YAML or JSON block: it parses, and what `extends` a recipe is one.
 *
 * @param name The file that the block was written to in `folder`.
 */
export function checkData(block: CodeBlock, folder: string, name: string): void {
  const value: unknown = block.language === 'json' ? JSON.parse(block.code) : parse(block.code);
  if (typeof value !== 'object' || value === null) throw new Error(`${placeOf(block)}: must hold an object`);
  if ('extends' in value) loadRecipe(join(folder, name));
}
