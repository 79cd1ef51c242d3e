import { readdir } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

/** Paths of the recorded runs that this package ships, sorted by name. */
export async function shippedTrajectories(): Promise<string[]> {
  const root = dirname(createRequire(import.meta.url).resolve('@resnet/experiments/package.json'));
  const folder = join(root, 'trajectories');
  return (await readdir(folder)).toSorted().map((name) => join(folder, name));
}
