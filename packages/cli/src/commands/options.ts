import { availableParallelism } from 'node:os';
import { InvalidArgumentError, Option } from 'commander';

/** A whole number from 1 up. */
export const positive = (value: string): number => {
  if (/^[1-9]\d*$/.test(value)) return Number(value);
  throw new InvalidArgumentError('It must be a whole number from 1 up.');
};

/** More threads than this only wait for each other, and each takes memory. */
const mostThreads = 8 * availableParallelism();

const threadCount = (value: string): number => {
  const count = positive(value);
  if (count <= mostThreads) return count;
  throw new InvalidArgumentError(`It must be at most ${mostThreads} on this machine.`);
};

/** A whole number from 0 up. */
export const natural = (value: string): number => {
  if (/^\d+$/.test(value)) return Number(value);
  throw new InvalidArgumentError('It must be a whole number from 0 up.');
};

/** A number above 0. */
export const rate = (value: string): number => {
  const number = Number(value);
  if (value.trim() !== '' && Number.isFinite(number) && number > 0) return number;
  throw new InvalidArgumentError('It must be a number above 0.');
};

/** `1000,1500` → whole numbers from 1 up. */
export const naturals = (value: string): number[] => value.split(',').map((part) => positive(part.trim()));

/** `0.485,0.456,0.406` → three numbers. */
export const triple = (value: string): [number, number, number] => {
  const [r, g, b, ...rest] = value.split(',').map((part) => (part.trim() === '' ? Number.NaN : Number(part)));
  if (rest.length === 0 && [r, g, b].every(Number.isFinite)) return [r!, g!, b!];
  throw new InvalidArgumentError('It must be three numbers, as 0.485,0.456,0.406.');
};

/** Options of {@link withSubject} that a run answers by itself. */
export const ofWeights = (flags: string, description: string): Option =>
  new Option(flags, `${description}; with --weights`).conflicts('run');

/** Gathers a repeatable option. */
export const gathered = (value: string, before: string[]): string[] => [...before, value];

/** Options that several commands have in common. */
export const shared = {
  shortcut: () =>
    new Option(
      '--shortcut <letter>',
      'A (zero padding), B (projection where shapes differ), C (all projections)',
    ).choices(['A', 'B', 'C']),
  pad: () => new Option('--pad <place>', "where option A's zero channels stand").choices(['end', 'split']),
  block: () =>
    new Option('--block <kind>', 'the building block').choices([
      'basic',
      'bottleneck',
      'preact',
      'preact-basic',
      'preact-bottleneck',
    ]),
  backend: () => new Option('--backend <name>', 'auto, tensorflow, webgpu, simd or cpu'),
  software: () => new Option('--software', 'accept a WebGPU adapter that computes on the CPU, as tests do'),
  threads: () =>
    new Option('--threads <number>', 'threads of the simd backend (default: all cores)').argParser(threadCount),
  set: () =>
    new Option('--set <key=value>', 'any setting of the recipe, as schedule.factor=0.2; repeatable')
      .argParser(gathered)
      .default([], 'none'),
  json: () => new Option('--json', 'print the result as JSON'),
};
