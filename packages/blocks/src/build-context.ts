import type { Block } from './block';
import { type Fan, freshSeed } from './he-normal';
import { hashSeed } from './random';

/** How new layers draw their weights: `zeros` costs nothing, for graphs that are only measured or are filled right away. */
export interface Initialization {
  /** One seed for all layers: a layer's weights depend on it and on the layer's name alone. */
  seed?: number;
  /** Side whose variance convolutions keep. Default `out`. */
  fan?: Fan;
  /** Start convolutions and fully connected layers from zeros instead. Default false. */
  zeros?: boolean;
}

/** Name and initialization of a new layer, from the scopes around it. */
export interface Place {
  /** The layer's name; undefined outside every scope, where tf.layers chooses one. */
  name: string | undefined;
  seed: number;
  fan: Fan;
  zeros: boolean;
}

interface Scope {
  /** Undefined outside every scope. */
  readonly path: string | undefined;
  /** Layers are called by their position, as in torch's `Sequential`. */
  readonly numbered: boolean;
  readonly counts: Map<string, number>;
  readonly initialization: Initialization;
}

// Building a graph is synchronous, so a variable with the current scope is enough.
let current: Scope = { path: undefined, numbered: false, counts: new Map(), initialization: {} };

const within =
  (scope: () => Scope, block: Block): Block =>
  (x) => {
    const outer = current;
    current = scope();
    try {
      return block(x);
    } finally {
      current = outer;
    }
  };

const join = (path = '', name: string): string => [path, name].filter(Boolean).join('.');

/**
 * Names the layers of `block` as PyTorch names modules: in `scope('layer1', scope('0', basic(16)))` the first
 * convolution is `layer1.0.conv1`. The layer's name is also what its weights' seed is made of.
 * An empty name is the root: the layers are called `conv1`, `bn1`, `relu1`, …
 */
export const scope = (name: string, block: Block): Block =>
  within(() => ({ ...current, path: join(current.path, name), numbered: false, counts: new Map() }), block);

/** A scope whose layers are called `0`, `1`, … by their position, as in torch's `Sequential`. */
export const sequence = (name: string, block: Block): Block =>
  within(() => ({ ...current, path: join(current.path, name), numbered: true, counts: new Map() }), block);

/** Builds `block` with this seed, fan and so on. Default: those of the surrounding scope. */
export const initialized = (initialization: Initialization, block: Block): Block =>
  within(() => ({ ...current, initialization: { ...current.initialization, ...initialization } }), block);

/** Takes the place of the next layer. A `#` in `kind` becomes the count of that kind in the scope: `conv#` is `conv1`, `conv2`, … */
export function nextPlace(kind: string): Place {
  const local = localName(kind);
  const key = join(current.path, local);
  const { seed, fan = 'out', zeros = false } = current.initialization;
  return {
    name: current.path === undefined ? undefined : key,
    seed: seed === undefined ? freshSeed() : hashSeed(seed, key),
    fan,
    zeros,
  };
}

function localName(kind: string): string {
  const { counts, numbered } = current;
  const counted = numbered ? '' : kind;
  const count = counts.get(counted) ?? 0;
  counts.set(counted, count + 1);
  return numbered ? String(count) : kind.replace('#', String(count + 1));
}
