import { execFileSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { version_core } from '@tensorflow/tfjs';
import { describeHardware } from './hardware';

/** Where a run was started; saved beside its recipe. */
export interface Environment {
  /** Version of this package. */
  resnet: string;
  /** Version of TensorFlow.js. */
  tensorflow: string;
  /** Version of Node. */
  node: string;
  /** The machine in one line. */
  hardware: string;
  /** The commit of the working directory, `-dirty` after it where files differ; null outside a repository. */
  commit: string | null;
  /** ISO 8601, in UTC. */
  created: string;
}

/** Versions, machine and commit as they are now. */
export const describeEnvironment = (): Environment => ({
  resnet: ownVersion(),
  tensorflow: version_core,
  node: process.versions.node,
  hardware: describeHardware(),
  commit: commit(),
  created: new Date().toISOString(),
});

/** Found by the package's own name, from its sources and from its build alike. */
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
