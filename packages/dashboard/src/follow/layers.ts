import { isThere, readText } from '@resnet/files';
import { type LayersRow, parseLayers, runPaths } from '@resnet/trainer/node';

/** What a run measured of its layers along training. A null was not measured. */
export interface RunLayers {
  /** Names, in the network's order. */
  layers: string[];
  /** Iterations of the measurements. */
  steps: number[];
  /** `gradientNorm[layer][measurement]`. */
  gradientNorm: (number | null)[][];
  /** `response[layer][measurement]`. */
  response: (number | null)[][];
}

/** More measurements than a strip has pixels are thinned. */
const MOST = 400;

/** A measurement has about 5 kB. */
const maxBytes = 64 << 20;

/** What `layers.jsonl` of a run holds; null where it watches no layers. */
export async function runLayers(directory: string): Promise<RunLayers | null> {
  const { layers: path } = runPaths(directory);
  if (!isThere(path)) return null;
  const all = parseLayers(await readText(path, { maxBytes, who: 'dashboard' }));
  const every = Math.ceil(all.length / MOST);
  const rows = all.filter((_, i) => i % every === 0 || i === all.length - 1);
  const names = (rows[0]?.layers ?? []).map(({ layer }) => String(layer));
  const valuesOf = (measure: string) => names.map((_, layer) => rows.map((row) => valueAt(row, layer, measure)));
  return {
    layers: names,
    steps: rows.map(({ step }) => step),
    gradientNorm: valuesOf('gradientNorm'),
    response: valuesOf('response'),
  };
}

function valueAt({ layers }: LayersRow, layer: number, measure: string): number | null {
  const value = layers[layer]?.[measure];
  return typeof value === 'number' && Number.isFinite(value) ? value : null;
}
