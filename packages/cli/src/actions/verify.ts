import { basename } from 'node:path';
import { startBackend } from '@resnet/experiments';
import {
  lossDifference,
  normDifference,
  readTrajectory,
  replay,
  shippedTrajectories,
  statisticsDifference,
  tolerance,
  weightsDifference,
} from '@resnet/experiments/verify';
import { readBytes } from '@resnet/files';
import { note, print, printJson } from '../output';

/** Options of `resnet verify`, as its command parses them. */
export interface VerifyOptions {
  readonly backend: string;
  /** Accept a WebGPU adapter that computes on the CPU. */
  readonly software?: boolean;
  readonly json?: boolean;
}

/** One file's entry of what `resnet verify --json` prints. Differences are those of `compare`, the largest of each kind. */
export interface Verdict {
  readonly file: string;
  readonly backend: string;
  readonly steps: number;
  readonly losses: readonly number[];
  readonly maxLossDifference: number;
  readonly maxWeightDifference: number;
  readonly maxStatisticsDifference: number;
  readonly maxLogitsDifference: number;
  readonly pass: boolean;
}

/** Replays recorded training runs on a backend and prints the verdicts. Exit code 1 if one fails. */
export async function verify(files: readonly string[], options: VerifyOptions): Promise<void> {
  const paths = files.length > 0 ? files : await shippedTrajectories();
  const contents = await Promise.all(paths.map((path) => readBytes(path, { links: 'follow', who: 'verify' }))); // before anything that takes time
  const backend = await startBackend(options.backend, { software: options.software });
  note(backend.why);
  const verdicts: Verdict[] = [];
  for (const [i, path] of paths.entries()) {
    const verdict = await judge(path, contents[i]!, backend.name);
    if (!options.json) print(sentence(verdict));
    verdicts.push(verdict);
  }
  if (options.json) printJson(verdicts);
  if (!verdicts.every(({ pass }) => pass)) process.exitCode = 1;
}

async function judge(file: string, bytes: Uint8Array, backend: string): Promise<Verdict> {
  const trajectory = readTrajectory(bytes);
  const { losses, final, logits } = await replay(trajectory);
  const maxLossDifference = lossDifference(losses, trajectory.losses);
  const maxWeightDifference = weightsDifference(final, trajectory.final);
  const maxStatisticsDifference = statisticsDifference(final, trajectory.final);
  const maxLogitsDifference = normDifference(logits, trajectory.logits);
  const pass =
    maxLossDifference <= tolerance.losses &&
    maxWeightDifference <= tolerance.weights &&
    maxStatisticsDifference <= tolerance.statistics &&
    maxLogitsDifference <= tolerance.logits;
  const differences = { maxLossDifference, maxWeightDifference, maxStatisticsDifference, maxLogitsDifference };
  return { file, backend, steps: losses.length, losses, ...differences, pass };
}

const sentence = (verdict: Verdict): string => {
  const show = (value: number) => value.toExponential(1);
  return (
    `${verdict.pass ? 'pass' : 'FAIL'}  ${basename(verdict.file)} on ${verdict.backend}: ${verdict.steps} steps; ` +
    `largest differences: losses ${show(verdict.maxLossDifference)}, weights ${show(verdict.maxWeightDifference)}, ` +
    `statistics ${show(verdict.maxStatisticsDifference)}, logits ${show(verdict.maxLogitsDifference)}`
  );
};
