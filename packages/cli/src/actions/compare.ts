import { compareRuns } from '@resnet/experiments/studies';
import { note } from '../output';
import { type FindingsOutput, writeFindings } from '../write-findings';

/** `resnet compare`. */
export const compare = (directories: readonly string[], output: FindingsOutput): Promise<void> =>
  writeFindings(compareRuns(directories, note), output);
