import { availableParallelism } from 'node:os';
import { type Command, InvalidArgumentError, Option } from 'commander';

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

/** A number from 0, below 1. */
export const fraction = (value: string): number => {
  const number = Number(value);
  if (value.trim() !== '' && number >= 0 && number < 1) return number;
  throw new InvalidArgumentError('It must be a number from 0, below 1.');
};

/** `1000,1500` → whole numbers from 1 up. */
export const naturals = (value: string): number[] => value.split(',').map((part) => positive(part.trim()));

/** `0.485,0.456,0.406` → three numbers. */
export const triple = (value: string): [number, number, number] => {
  const [r, g, b, ...rest] = value.split(',').map((part) => (part.trim() === '' ? Number.NaN : Number(part)));
  if (rest.length === 0 && [r, g, b].every(Number.isFinite)) return [r!, g!, b!];
  throw new InvalidArgumentError('It must be three numbers, as 0.485,0.456,0.406.');
};

/** Options of {@link withNetwork} that a run answers by itself. */
export const ofWeights = (flags: string, description: string): Option =>
  new Option(flags, `${description}; with --weights`).conflicts('run');

/** Collects a repeatable option. */
export const collected = (value: string, before: string[]): string[] => [...before, value];

/** A flag by its former name, hidden and read for one release, that sets what `name` sets. */
export const formerly = (flags: string, name: string): Option =>
  Object.assign(new Option(flags).hideHelp(), { attributeName: () => name });

/** `--variant`'s former words for where a bottleneck has its stride. */
export const formerStride = (value: string): string => (value === 'paper' ? '1x1' : value === 'v1.5' ? '3x3' : value);

// Values of these are checked by `@resnet/models`, which knows them; loading it here would make `--help` slow.
/** Options of a network. */
export const modelOptions = (): Option[] => [
  new Option('--shortcut <kind>', 'A (zero padding), B (projection where shapes differ), C (all projections) or none'),
  new Option('--pad <place>', "where option A's zero channels stand: end or split"),
  new Option('--block <kind>', 'basic, bottleneck, preact, preact-basic or preact-bottleneck'),
  new Option('--stride-in <layer>', "a bottleneck's stride: 3x3 (v1.5) or 1x1 (the paper)"),
  formerly('--variant <name>', 'strideIn').argParser(formerStride),
  new Option('--zero-last-scale', 'start the last normalization of each residual branch at zero'),
];

/** Options that several commands have in common. */
export const shared = {
  batchSize: () => new Option('--batch-size <images>', 'images per iteration').argParser(positive),
  formerBatch: () => formerly('--batch <images>', 'batchSize').argParser(positive),
  backend: () => new Option('--backend <name>', 'auto, tensorflow, webgpu, simd or cpu'),
  software: () => new Option('--software', 'accept a WebGPU adapter that computes on the CPU, as tests do'),
  threads: () =>
    new Option('--threads <number>', 'threads of the simd backend (default: all cores)').argParser(threadCount),
  set: () =>
    new Option('--set <key=value>', 'any setting of the recipe, as schedule.factor=0.2; repeatable')
      .argParser(collected)
      .default([], 'none'),
  json: () => new Option('--json', 'print the result as JSON'),
};

/** Adds options to a command, in order. */
export const withOptions = (command: Command, options: readonly Option[]): Command =>
  options.reduce((all, option) => all.addOption(option), command);
