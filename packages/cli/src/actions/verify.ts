import { basename } from 'node:path';
import { type ComputePlace, startBackend } from '@resnet/experiments';
import { type ReplayVerdict, shippedTrajectories, verifyReplay } from '@resnet/experiments/verify';
import { readBytes } from '@resnet/files';
import { note, print, printJson } from '../output';

/** Flags of `resnet verify`. */
export interface VerifyFlags extends ComputePlace {
  json?: boolean;
}

/** An element of the output of `resnet verify --json`. */
interface FileVerdict extends ReplayVerdict {
  file: string;
  backend: string;
}

/** `resnet verify`. Exit code 1 if a replay fails. */
export async function verify(files: readonly string[], flags: VerifyFlags): Promise<void> {
  const paths = files.length > 0 ? files : await shippedTrajectories();
  const contents = await Promise.all(paths.map((path) => readBytes(path, { links: 'follow', who: 'verify' }))); // Fail fast on a missing file.
  const { name: backend, why } = await startBackend(flags);
  note(why);
  const verdicts: FileVerdict[] = [];
  for (const [i, file] of paths.entries()) {
    const verdict = { file, backend, ...(await verifyReplay(contents[i]!)) };
    if (!flags.json) print(sentence(verdict));
    verdicts.push(verdict);
  }
  if (flags.json) printJson(verdicts);
  if (!verdicts.every(({ pass }) => pass)) process.exitCode = 1;
}

const sentence = (verdict: FileVerdict): string => {
  const show = (value: number) => value.toExponential(1);
  return (
    `${verdict.pass ? 'pass' : 'FAIL'}  ${basename(verdict.file)} on ${verdict.backend}: ${verdict.steps} steps; ` +
    `largest differences: losses ${show(verdict.maxLossDifference)}, weights ${show(verdict.maxWeightDifference)}, ` +
    `statistics ${show(verdict.maxStatisticsDifference)}, logits ${show(verdict.maxLogitsDifference)}`
  );
};
