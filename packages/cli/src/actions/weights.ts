import { textTable } from '@resnet/analysis';
import {
  changesOf,
  didYouMean,
  fetchWeights,
  type PublishedWeights,
  publishedWeights,
  weightsPath,
} from '@resnet/experiments';
import { isThere } from '@resnet/files';
import { UsageError } from '../errors';
import { note, print, printJson } from '../output';
import { untilStopped } from '../until-stopped';

/** Flags of `resnet weights`. */
export interface WeightsFlags {
  url?: string;
  json?: boolean;
}

/** `resnet weights`. */
export async function weights(names: readonly string[], { url, json }: WeightsFlags): Promise<void> {
  if (url !== undefined && names.length !== 1) {
    throw new UsageError(`weights: --url must go with one name, got ${names.length}. Name the weights.`);
  }
  if (names.length > 0) return fetchAll(names.map(named), url);
  const all = [...publishedWeights.values()].map((one) => ({ ...listed(one), fetched: isThere(weightsPath(one)) }));
  if (json) printJson(all);
  else print(table(all));
}

function named(name: string): PublishedWeights {
  const found = publishedWeights.get(name);
  if (found) return found;
  const names = [...publishedWeights.keys()];
  throw new UsageError(`weights: must be one of ${names.join(', ')}, got '${name}'.${didYouMean(name, names)}`);
}

/** A signal stops a download; what arrived is kept for the next try. */
async function fetchAll(all: readonly PublishedWeights[], url: string | undefined): Promise<void> {
  await untilStopped(async (signal) => {
    for (const one of all) {
      print(await fetchWeights(one, { signal, onProgress: progressOf(one), ...(url !== undefined && { url }) }));
    }
  });
}

/** Says every twentieth of the way. */
function progressOf({ name, megabytes }: PublishedWeights): (progress: { done: number; total: number }) => void {
  const say = changesOf(note);
  return ({ done, total }) => say(`${name}: ${5 * Math.floor((20 * done) / total)} % of ${megabytes} MB`);
}

const listed = ({ name, source, classes, error, megabytes, sha256, url, preprocessing }: PublishedWeights) => ({
  name,
  source,
  classes: classes.length,
  error,
  megabytes,
  sha256,
  url,
  preprocessing,
});

/** 80 columns; addresses are in the JSON. */
const table = (all: readonly (ReturnType<typeof listed> & { fetched: boolean })[]): string =>
  textTable({
    columns: ['name', 'trained on', 'error (%)', 'MB', 'fetched'],
    rows: all.map(({ name, source, error, megabytes, fetched }) => [
      name,
      source,
      (100 * error).toFixed(2),
      megabytes,
      fetched ? 'yes' : '',
    ]),
  });
