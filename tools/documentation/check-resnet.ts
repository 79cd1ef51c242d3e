import { createModel } from '@resnet/models';
import type { Command } from 'commander';
import { commands } from '../../packages/cli/src/commands';
import { loadRecipe, withSettings } from '../../packages/experiments/src/recipe/resolve';

/** What the options of a command may name besides files. */
interface Named {
  model?: string;
  set?: string[];
}

/**
 * Parses arguments by the command's own parser and looks up the recipes and models they name; nothing is run.
 *
 * @param folder Where recipe files lie.
 * @throws Error saying what the command would not take.
 */
export async function checkResnet(args: readonly string[], folder: string): Promise<void> {
  const [name, ...rest] = args;
  if (name === undefined || ['--help', '--version', 'complete'].includes(name)) return;
  const command = commands.map((make) => make()).find((candidate) => candidate.name() === name);
  if (!command) throw new Error(`resnet ${name}: no such command`);
  const said: string[] = [];
  prepare(command, (text) => said.push(text));
  await inFolder(folder, async () => {
    try {
      await command.parseAsync(rest, { from: 'user' });
    } catch (error) {
      if (!isHelp(error)) throw new Error(`resnet ${args.join(' ')}: ${said.join('').trim() || String(error)}`);
    }
  });
}

const isHelp = (error: unknown): boolean => error instanceof Error && 'exitCode' in error && error.exitCode === 0;

async function inFolder(folder: string, act: () => Promise<void>): Promise<void> {
  const before = process.cwd();
  process.chdir(folder);
  try {
    await act();
  } finally {
    process.chdir(before);
  }
}

/** Replaces what a command does by a look at the names it was given. */
function prepare(command: Command, write: (text: string) => void): void {
  command.exitOverride().configureOutput({ writeErr: write, writeOut: () => {} });
  for (const child of command.commands) prepare(child, write);
  if (command.commands.length > 0) return;
  command.action(() => checkNames(command.name(), command.args, command.opts<Named>()));
}

function checkNames(command: string, [first]: string[], { model, set = [] }: Named): void {
  const takesRecipe = ['train', 'recipe', 'lr-find'].includes(command);
  if (takesRecipe && first !== undefined) withSettings(loadRecipe(first), set);
  const name = command === 'summary' ? first : model;
  if (name !== undefined) createModel(name).dispose();
}
