/** What both nets have in common, and what the residual one has besides. All of it stands in the address of the page. */
export interface Settings {
  /** Weighted layers, 6n + 2. */
  depth: number;
  /** Shortcut where shapes differ: zero padding (A), projection (B), projections everywhere (C). */
  shortcut: 'A' | 'B' | 'C';
  /** Whether residual branches start as nothing. */
  zeroLastScale: boolean;
  /** Learning rate. */
  rate: number;
  /** Images per step. */
  batchSize: number;
  /** Of weights and order. */
  seed: number;
}

const defaults: Settings = { depth: 20, shortcut: 'A', zeroLastScale: false, rate: 0.05, batchSize: 16, seed: 0 };

const shortcuts = ['A', 'B', 'C'] as const;

/** Reads settings from an address; what is missing or makes no sense is the default. */
export function settingsFrom(search: string): Settings {
  const given = new URLSearchParams(search);
  const number = (name: keyof Settings, isGood: (value: number) => boolean): number => {
    const value = Number(given.get(name) ?? Number.NaN);
    return isGood(value) ? value : (defaults[name] as number);
  };
  return {
    depth: number('depth', (depth) => depth >= 8 && depth <= 56 && (depth - 2) % 6 === 0),
    shortcut: shortcuts.find((letter) => letter === given.get('shortcut')) ?? defaults.shortcut,
    zeroLastScale: given.get('zeroLastScale') === 'true',
    rate: number('rate', (rate) => rate > 0 && rate <= 1),
    batchSize: number('batchSize', (size) => Number.isInteger(size) && size >= 1 && size <= 128),
    seed: number('seed', (seed) => Number.isInteger(seed) && seed >= 0),
  };
}

/** Settings as the search part of an address. */
export const searchOf = (settings: Settings): string =>
  `?${new URLSearchParams(Object.entries(settings).map(([name, value]) => [name, String(value)]))}`;
