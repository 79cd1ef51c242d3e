import { availableParallelism } from 'node:os';
import { type Command, InvalidArgumentError, Option } from 'commander';

/** A whole number from 1 up. */
export const positive = (value: string): number => {
  if (/^[1-9]\d*$/.test(value)) return Number(value);
  throw new InvalidArgumentError('It must be a whole number from 1 up.');
};

/** Limit on `--threads`: more only wait for each other, and each takes memory. */
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

/** An option that only applies to `--weights`: a run folder has the value already. */
export const ofWeights = (flags: string, description: string): Option =>
  new Option(flags, `${description}; with --weights`).conflicts('run');

/** Collects a repeatable option. */
export const collected = (value: string, before: string[]): string[] => [...before, value];

/** A flag's former name: hidden, sets the option `name`, accepted for one release. */
export const formerly = (flags: string, name: string): Option =>
  Object.assign(new Option(flags).hideHelp(), { attributeName: () => name });

/** Translates the values of the former flag `--variant`. */
export const formerStride = (value: string): string => (value === 'paper' ? '1x1' : value === 'v1.5' ? '3x3' : value);

// The packages that own these values check them; importing them here would make `--help` slow. A test holds the texts to their lists.
/** Options of a network. */
export const modelOptions = (): Option[] => [
  new Option('--shortcut <kind>', 'A (zero padding), B (projection where shapes differ), C (all projections) or none'),
  new Option('--pad <place>', 'where option A puts its zero channels: end or split'),
  new Option('--block <kind>', 'basic, bottleneck, preact, preact-basic or preact-bottleneck'),
  new Option(
    '--stride-in <layer>',
    'the convolution of a bottleneck that has the stride: 3x3 (v1.5) or 1x1 (the paper)',
  ),
  formerly('--variant <name>', 'strideIn').argParser(formerStride),
  new Option('--zero-last-scale', 'start the last normalization of each residual branch at zero'),
];

/** Options that several commands have in common. */
export const shared = {
  batchSize: () => new Option('--batch-size <images>', 'images per iteration').argParser(positive),
  formerBatch: () => formerly('--batch <images>', 'batchSize').argParser(positive),
  backend: () =>
    new Option('--backend <name>', 'auto, tensorflow, webgpu, simd or cpu (default: auto, the best that works)'),
  software: () => new Option('--software', 'accept a WebGPU adapter that computes on the CPU, for tests'),
  threads: () =>
    new Option('--threads <number>', 'threads of the simd backend (default: all cores)').argParser(threadCount),
  set: () =>
    new Option('--set <key=value>', 'any setting of the recipe, for example schedule.factor=0.2; repeatable')
      .argParser(collected)
      .default([], 'none'),
  json: () => new Option('--json', 'print the result as JSON'),
};

/** The formats that `resnet export` writes. */
export const exportFormats = ['onnx', 'safetensors', 'tfjs'] as const;

/** What a recipe argument takes. */
export const recipeArgument = 'cifar10, cifar10-110, finetune, imagenet, imagenet-deck, shapes10, or a YAML/JSON file';

/** Adds options to a command, in order. */
export const withOptions = (command: Command, options: readonly Option[]): Command =>
  options.reduce((all, option) => all.addOption(option), command);
