import { closest } from 'fastest-levenshtein';
import {
  type Architecture,
  BLOCK_KINDS,
  type BlockKind,
  checkArchitecture,
  isBottleneck,
  type ModelFamily,
} from './architecture';
import { type BuildOptions, checkZeroLastScale } from './build';
import { checkOneOf, ModelOptionError } from './model-error';

/** The values of `block`: a kind, or `preact` for the pre-activation form of the depth's own block. */
export const BLOCK_CHOICES = [...BLOCK_KINDS, 'preact'] as const;
/** A kind of block, or `preact` for the pre-activation form of the depth's own block. */
export type BlockChoice = (typeof BLOCK_CHOICES)[number];

/** Options of a model of the zoo. Defaults follow the paper. */
export interface ModelOptions extends BuildOptions, Partial<Omit<Architecture, 'family' | 'blocksPerStage' | 'block'>> {
  /** What the net repeats. Default: the depth's own block. */
  block?: BlockChoice;
}

/** What the options may be called. */
const NAMES: Readonly<Record<keyof ModelOptions, true>> = {
  block: true,
  shortcut: true,
  pad: true,
  strideIn: true,
  zeroLastScale: true,
  classes: true,
  inputShape: true,
  name: true,
  seed: true,
  fan: true,
  zeros: true,
};

/** What a family and a depth decide: the stages, the block of the depth, and the defaults of the family. */
export interface Plan extends Pick<Architecture, 'family' | 'blocksPerStage' | 'shortcut' | 'classes' | 'inputShape'> {
  readonly family: ModelFamily;
  readonly block: BlockKind;
}

/** The block that `choice` means where `own` is the depth's. */
export function resolveBlock(choice: BlockChoice | undefined, own: 'basic' | 'bottleneck'): BlockKind {
  if (choice === undefined) return own;
  checkOneOf('createModel', 'block', choice, BLOCK_CHOICES);
  return choice === 'preact' ? `preact-${own}` : choice;
}

/**
 * A plan with the options applied.
 *
 * @throws ModelOptionError for an option that does not exist, that has a wrong value, or that this net cannot honor.
 */
export function withOptions(plan: Plan, options: ModelOptions): Architecture {
  const { shortcut = plan.shortcut, pad = 'end', strideIn = '3x3' } = options;
  const { classes = plan.classes, inputShape = plan.inputShape } = options;
  const architecture: Architecture = { ...plan, shortcut, pad, strideIn, classes, inputShape };
  checkNames(options);
  checkArchitecture(architecture);
  checkHonored(architecture, options);
  return architecture;
}

function checkNames(options: ModelOptions): void {
  for (const [name, value] of Object.entries(options)) {
    if (value === undefined || Object.hasOwn(NAMES, name)) continue;
    throw new ModelOptionError(
      `createModel: there is no option '${name}'. Did you mean '${closest(name, Object.keys(NAMES))}'?`,
    );
  }
}

/** Refuses options that would change nothing in this net. */
function checkHonored({ block, shortcut }: Architecture, { pad, strideIn, zeroLastScale }: ModelOptions): void {
  if (pad !== undefined && shortcut !== 'A') {
    throw new ModelOptionError(
      `createModel: pad must go with shortcut A, which pads, got '${pad}' with shortcut ${shortcut}. Leave pad out.`,
    );
  }
  if (strideIn === '1x1' && !isBottleneck(block)) {
    throw new ModelOptionError(
      `createModel: strideIn '1x1' must go with bottleneck blocks, got ${block} blocks, which have no 1×1. Leave strideIn out.`,
    );
  }
  checkZeroLastScale({ block, shortcut }, zeroLastScale);
}
