import { join } from 'node:path';
import { tensorBoardFile } from '../operators/logs/log-tensor-board';

/** Where the parts of a run folder lie. */
export interface RunPaths {
  /** What was asked for, resolved: seed, versions and hardware included. */
  recipe: string;
  /** Every event, a line of JSON each. */
  events: string;
  /** Every measurement, a row of CSV each. */
  metrics: string;
  /** What was measured of layers, a line of JSON each; only where a run watches them. */
  layers: string;
  /** Folder of the checkpoints. */
  checkpoints: string;
  /** TensorBoard's event file. */
  tensorBoard: string;
  /** What came out; only in a finished run. */
  result: string;
  /** Asks the run to stop, where it is there. */
  stopRequest: string;
  /** Lock files, `lock.N`, begin like this. */
  lock: string;
}

/** The parts of the run folder `directory`. */
export const runPaths = (directory: string): RunPaths => ({
  recipe: join(directory, 'recipe.json'),
  events: join(directory, 'events.jsonl'),
  metrics: join(directory, 'metrics.csv'),
  layers: join(directory, 'layers.jsonl'),
  checkpoints: join(directory, 'checkpoints'),
  tensorBoard: join(directory, tensorBoardFile),
  result: join(directory, 'result.json'),
  stopRequest: join(directory, 'stop'),
  lock: join(directory, 'lock'),
});
