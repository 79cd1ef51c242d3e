import { execFileSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { version_core } from '@tensorflow/tfjs';
import { hardware } from './result';

/** Where a run was made; saved beside its recipe. */
export interface Environment {
  resnet: string;
  tensorflow: string;
  node: string;
  hardware: string;
  /** The commit of the working directory, `-dirty` after it where files differ; null outside a repository. */
  commit: string | null;
  created: string;
}

export const environment = (): Environment => ({
  resnet: ownVersion(),
  tensorflow: version_core,
  node: process.versions.node,
  hardware: hardware(),
  commit: commit(),
  created: new Date().toISOString(),
});

/** By the package's own name, which finds it from the sources and from what was built of them. */
const ownVersion = (): string =>
  (createRequire(import.meta.url)('@resnet/experiments/package.json') as { version: string }).version;

function commit(): string | null {
  try {
    return execFileSync('git', ['describe', '--always', '--dirty', '--abbrev=40'], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }).trim();
  } catch {
    return null;
  }
}
