import { PickleError, WeightFileError } from '../errors';
import { looksLikeResNet } from '../names';
import { type PickleValue, Placeholder } from '../pickle/value';
import { TorchTensor } from './tensor';

/** Which weights of a checkpoint to read. */
export interface ReadWeightsOptions {
  /**
   * Where they lie in a checkpoint that holds several: the keys down to them, joined by `.`, as `state_dict_ema`. Default: the only
   * weights there are, plain ones before averaged ones.
   */
  readonly key?: string;
}

type Dict = ReadonlyMap<PickleValue, PickleValue>;

/** A dict inside a checkpoint. */
interface Found {
  /** The keys down to it, joined by `.`; empty at the top. */
  readonly key: string;
  readonly dict: Dict;
}

/**
 * The `state_dict` of a checkpoint: itself, or what it wraps under whatever keys.
 *
 * @throws WeightFileError listing all where several dicts fit or none is under `key`; PickleError where an object stands in its place.
 */
export function chooseStateDict(checkpoint: PickleValue, { key }: ReadWeightsOptions): Dict {
  const dicts = dictsIn(checkpoint);
  const chosen = key === undefined ? dicts : within(dicts, key);
  for (const [place, fits] of preferences) {
    const fitting = chosen.filter((found, i) => place(found, i) && fits(found.dict));
    if (fitting.length > 0) return onlyOne(fitting).dict;
  }
  throw key === undefined ? nothingIn(checkpoint) : nothingUnder(key, dicts);
}

/** Below it, no script wraps weights; a circular dict ends there. */
const mostDepth = 5;

/** Every dict that keys of text lead to, those above first. */
function dictsIn(checkpoint: PickleValue): Found[] {
  const found: Found[] = checkpoint instanceof Map ? [{ key: '', dict: checkpoint }] : [];
  const seen = new Set<PickleValue>([checkpoint]);
  let level = found;
  for (let depth = 0; depth < mostDepth && level.length > 0; depth++) {
    level = level.flatMap(({ key, dict }) => {
      const inner: Found[] = [];
      for (const [name, value] of dict) {
        if (!isName(name) || !(value instanceof Map) || seen.has(value)) continue;
        seen.add(value);
        inner.push({ key: key === '' ? name : `${key}.${name}`, dict: value });
      }
      return inner;
    });
    found.push(...level);
  }
  return found;
}

const within = (dicts: readonly Found[], key: string): Found[] =>
  dicts.filter((found) => found.key === key || found.key.startsWith(`${key}.`));

const holdsTensors = (dict: Dict): boolean => some(dict, () => true);

const holdsWeights = (dict: Dict): boolean => some(dict, (name) => /(^|\.)weight$/.test(name));

const holdsResNet = (dict: Dict): boolean => holdsWeights(dict) && looksLikeResNet(tensorNames(dict));

const some = (dict: Dict, wanted: (name: string) => boolean): boolean => tensorNames(dict).some(wanted);

const tensorNames = (dict: Dict): string[] =>
  [...dict].flatMap(([name, value]) => (isName(name) && value instanceof TorchTensor ? [name] : []));

/** A text as names are; one of a megabyte could be looked at a million times. */
const isName = (key: PickleValue): key is string => typeof key === 'string' && key.length <= 400;

type Place = (found: Found, i: number) => boolean;

const outermost: Place = (_, i) => i === 0;
const anywhere: Place = () => true;
/** Where training scripts put weights of any names. */
const usual: Place = ({ key }) => /^(state_dict|model_state_dict|model)$/.test(key);

/** What is looked for, the surest first. A best score as a tensor at the top makes that no state_dict. */
const preferences: readonly (readonly [place: Place, fits: (dict: Dict) => boolean])[] = [
  [outermost, holdsResNet],
  [anywhere, holdsResNet],
  [outermost, holdsWeights],
  [anywhere, holdsWeights],
  [usual, holdsTensors],
  [outermost, holdsTensors],
];

const isAverage = ({ key }: Found): boolean => /(?<![a-z])(ema|swa|avg|averaged?|shadow)(?![a-z])/i.test(key);

function onlyOne(fitting: readonly Found[]): Found {
  const plain = fitting.filter((found) => !isAverage(found));
  const [first, ...others] = plain.length > 0 ? plain : fitting;
  if (others.length === 0) return first!;
  throw new WeightFileError(
    `readWeights: the file must hold one network, or key must choose, got ${listed(fitting)}. Set key to one of them.`,
    { option: 'key' },
  );
}

/** As far as anybody reads. */
const listed = (dicts: readonly Found[]): string =>
  dicts
    .slice(0, 20)
    .map(({ key }) => JSON.stringify(key.slice(0, 100)))
    .join(', ') + (dicts.length > 20 ? `, … and ${dicts.length - 20} more` : '');

function nothingUnder(key: string, dicts: readonly Found[]): WeightFileError {
  const others = dicts.filter((found) => found.key !== '' && holdsTensors(found.dict));
  const there = others.length > 0 ? `There are ${listed(others)}.` : 'Leave it out.';
  return new WeightFileError(
    `readWeights: key must lead to a state_dict of tensors, got none at ${JSON.stringify(key.slice(0, 100))}. ${there}`,
    { option: 'key' },
  );
}

/** A whole model, saved in place of its state_dict, is a frequent mistake: its class is named. */
function nothingIn(checkpoint: PickleValue): WeightFileError {
  const values = checkpoint instanceof Map ? [...checkpoint.values()] : [checkpoint];
  const object = values.find((value) => value instanceof Placeholder && value.name.includes('.'));
  const advice = "Save model.state_dict(), alone or as {'state_dict': …}.";
  if (object instanceof Placeholder) {
    return new PickleError(
      `readWeights: the file must have a state_dict of tensors, got an object of the global ${JSON.stringify(object.name.slice(0, 100))}. ${advice}`,
    );
  }
  return new WeightFileError(`readWeights: the file must have a state_dict of tensors, got none. ${advice}`);
}
