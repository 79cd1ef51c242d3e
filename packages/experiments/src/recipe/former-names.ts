import { type ModelOptions, modelArchitecture } from '@resnet/models';

/** A recipe, or what a file changes of one, before it is checked. */
export type Plain = Record<string, unknown>;

/** Whether a value is an object with keys. */
export const isPlain = (value: unknown): value is Plain =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Settings by their names before the library's vocabulary was taken over. Read for one release. */
const renamed: Readonly<Record<string, string>> = {
  shortcut: 'model.shortcut',
  pad: 'model.pad',
  block: 'model.block',
  variant: 'model.strideIn',
  zeroGamma: 'model.zeroLastScale',
  normalise: 'normalize',
  batch: 'batchSize',
  warmUp: 'warmupUntil',
  decayAll: 'decay',
  ema: 'averageDecay',
  onNan: 'onDivergence',
};

const renamedInSchedule: Readonly<Record<string, string>> = { rate: 'base', floor: 'min', warmup: 'warmupSteps' };

/** The present name of a setting that was renamed; null for any other. */
export const presentName = (name: string): string | null => (Object.hasOwn(renamed, name) ? renamed[name]! : null);

/** The present name of a part of `schedule` that was renamed; null for any other. */
export const presentPart = (name: string): string | null =>
  Object.hasOwn(renamedInSchedule, name) ? renamedInSchedule[name]! : null;

/** A recipe in present names, and the renames that were needed. */
export interface Translated {
  /** With present names alone; a new object where anything was renamed. */
  value: Plain;
  /** As `zeroGamma → model.zeroLastScale`. */
  renames: readonly string[];
}

/**
 * Translates a recipe that was written with former names. A network's options that it could not honor were ignored then, and are
 * left out now.
 *
 * @param baseModel Name of the network where `value` names none.
 */
export function withPresentNames(value: Plain, baseModel: string | null = null): Translated {
  const { schedule } = value;
  const old = Object.keys(value).filter((key) => presentName(key) !== null);
  const oldParts = isPlain(schedule) ? Object.keys(schedule).filter((key) => presentPart(key) !== null) : [];
  const renames = [
    ...old.map((key) => `${key} → ${presentName(key)}`),
    ...oldParts.map((key) => `schedule.${key} → schedule.${presentPart(key)}`),
    ...(value.augment === 'cifar-colour' ? ["'cifar-colour' → 'cifar-color'"] : []),
  ];
  if (renames.length === 0) return { value, renames };
  const { shortcut, pad, block, variant, zeroGamma, normalise, batch, warmUp, decayAll, ema, onNan, ...kept } = value;
  return {
    renames,
    value: {
      ...kept,
      ...given({ normalize: normalise, batchSize: batch, averageDecay: ema, onDivergence: onNan }),
      ...(decayAll !== undefined && { decay: decayAll === false ? 'without-norm-and-bias' : 'all' }),
      ...(warmUp !== undefined && { warmupUntil: warmupOf(warmUp) }),
      ...(isPlain(schedule) && { schedule: scheduleOf(schedule) }),
      ...(value.augment === 'cifar-colour' && { augment: 'cifar-color' }),
      ...modelOf(value.model ?? baseModel, { shortcut, pad, block, variant, zeroGamma }),
    },
  };
}

const given = (values: Plain): Plain =>
  Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));

const warmupOf = (warmUp: unknown): unknown =>
  isPlain(warmUp) ? given({ rate: warmUp.rate, below: warmUp.untilTrainError ?? warmUp.below }) : warmUp;

const scheduleOf = (schedule: Plain): Plain =>
  Object.fromEntries(Object.entries(schedule).map(([key, value]) => [presentPart(key) ?? key, value]));

/** The nested `model`, of the network's name and the options beside it. */
function modelOf(model: unknown, options: Plain): Plain {
  const nested = isPlain(model) ? model : model === null || model === undefined ? {} : { name: model };
  const name = typeof nested.name === 'string' ? nested.name : null;
  const { shortcut, pad, block, variant, zeroGamma } = options;
  const said = given({
    shortcut,
    pad,
    block: block ?? undefined,
    strideIn: variant === undefined ? undefined : variant === 'paper' ? '1x1' : '3x3',
    zeroLastScale: zeroGamma === true ? true : undefined,
  });
  const changed = { ...(name === null ? said : honored(name, said)), ...nested };
  return Object.keys(changed).length > 0 ? { model: changed } : {};
}

/** The options that a network of this name honors and that differ from its defaults. */
function honored(name: string, { block, ...options }: Plain): Plain {
  const own = modelArchitecture(name, given({ block }) as ModelOptions);
  const shortcut = own.shortcut === 'none' ? 'none' : (options.shortcut ?? own.shortcut);
  return given({
    block,
    shortcut: shortcut === own.shortcut ? undefined : shortcut,
    pad: shortcut === 'A' && options.pad !== own.pad ? options.pad : undefined,
    strideIn: own.block.endsWith('bottleneck') && options.strideIn !== own.strideIn ? options.strideIn : undefined,
    zeroLastScale: own.block.startsWith('preact') || shortcut === 'none' ? undefined : options.zeroLastScale,
  });
}

/** What to say of a recipe that was read by its former names. */
export const renameNote = (source: string, renames: readonly string[]): string =>
  `${source}: written with former names, read as the present ones: ${renames.join(', ')}. The next release reads present names only.`;
