import { basename } from 'node:path';
import { isThere, namesInSync } from '@resnet/files';
import { isCheckpoint } from '../node/file-checkpoints';
import { lastOf, readLog } from './run-log';
import type { RunPaths } from './run-paths';

/**
 * Says, in words, that a run once had checkpoints and has none now; null where that is not so. Going on would train from the
 * first step and write over the logs. A run that was killed before its first checkpoint has nothing to lose.
 */
export function lostCheckpoints(paths: RunPaths): string | null {
  if (hasCheckpoint(paths)) return null;
  const { checkpoints, events, result } = paths;
  const witness = isThere(result) ? result : namesCheckpoint(events) ? events : null;
  if (witness === null) return null;
  return `openRun: ${checkpoints} must hold what ${basename(witness)} speaks of, got no checkpoint. Put the checkpoints back, or choose another folder.`;
}

/** Whether a step of the run is stored. */
export const hasCheckpoint = ({ checkpoints }: RunPaths): boolean =>
  namesInSync(checkpoints, { who: 'openRun' }).some(isCheckpoint);

/** Whether a log tells of a checkpoint's file: other stores have names of their own. */
function namesCheckpoint(events: string): boolean {
  const log = readLog(events);
  const names = [lastOf(log, 'checkpoint')?.name, lastOf(log, 'start')?.resumedFrom];
  return names.some((name) => typeof name === 'string' && isCheckpoint(basename(name)));
}
