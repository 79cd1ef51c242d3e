import { BACKEND_NAMES, SIMD_LEVELS } from '@resnet/backend';
import { DOWNLOAD_SOURCES } from '@resnet/data';
import { placeOptions, recipeSchema, recipes } from '@resnet/experiments';
import { presets, studies } from '@resnet/experiments/studies';
import { BLOCK_CHOICES, FREEZE_CHOICES, PAD_PLACEMENTS, SHORTCUT_KINDS, STRIDE_PLACEMENTS } from '@resnet/models';
import type { Command } from 'commander';
import { describe, expect, it } from 'vitest';
import { commands } from '../src/commands';

const all = (command: Command): Command[] => [command, ...command.commands.flatMap(all)];
const everyCommand = commands.flatMap((command) => all(command()));

const flagOf = (name: string): string => `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;

/** What `--help` says of a flag, in every command that has it. */
const textsOf = (flag: string): string[] =>
  everyCommand.flatMap(({ options }) =>
    options.filter(({ long }) => long === flag).map(({ description }) => description),
  );

/** Help texts hold names that packages own, so that `--help` need not load them. */
describe('--help names what the packages accept', () => {
  it.each([
    ['--backend', BACKEND_NAMES],
    ['--level', SIMD_LEVELS],
    ['--shortcut', SHORTCUT_KINDS],
    ['--pad', PAD_PLACEMENTS],
    ['--block', BLOCK_CHOICES],
    ['--stride-in', STRIDE_PLACEMENTS],
    ['--on-divergence', recipeSchema.shape.onDivergence.options],
    ['--optimizer', recipeSchema.shape.optimizer.unwrap().options],
    ['--freeze', FREEZE_CHOICES],
    ['--on-broken-image', recipeSchema.shape.onBrokenImage.unwrap().options],
    ['--preset', Object.keys(presets)],
    ['--from', DOWNLOAD_SOURCES],
    ['--resume', placeOptions.map(flagOf)],
  ])('%s: %j', (flag, names) => {
    const texts = textsOf(flag).filter((text) => flag !== '--from' || !text.includes('rate'));
    expect(texts.length).toBeGreaterThan(0);
    for (const text of texts) for (const name of names) expect(text.split(/[\s(),:;.]+/)).toContain(name);
  });

  it('recipes', () => {
    const texts = everyCommand.flatMap(({ registeredArguments }) =>
      registeredArguments.filter((argument) => argument.name() === 'recipe').map(({ description }) => description),
    );
    expect(texts).toHaveLength(3);
    for (const text of texts) expect(text.split(/[\s,]+/)).toEqual(expect.arrayContaining([...recipes.keys()]));
  });

  it('studies in the example of resnet studies', () => {
    const ids = studies.map(({ id }) => id);
    const [only] = textsOf('--only');
    expect(ids).toEqual(expect.arrayContaining(only!.split(' ').at(-1)!.split(',')));
  });
});
