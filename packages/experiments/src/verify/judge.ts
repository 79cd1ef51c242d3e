import { lossDifference, normDifference, statisticsDifference, tolerance, weightsDifference } from './compare';
import { replay } from './replay';
import { readTrajectory } from './trajectory';

/** Largest differences between a replay and its recording. */
export interface ReplayVerdict {
  /** Iterations replayed. */
  readonly steps: number;
  /** Loss of each iteration, in nats. */
  readonly losses: readonly number[];
  /** Difference of a loss: absolute for losses up to 1, relative above. */
  readonly maxLossDifference: number;
  /** Difference of the final weights: norm of the difference over norm. */
  readonly maxWeightDifference: number;
  /** The same for running means and variances. */
  readonly maxStatisticsDifference: number;
  /** The same for the logits in evaluation mode. */
  readonly maxLogitsDifference: number;
  /** Whether every difference is within its tolerance. */
  readonly pass: boolean;
}

/**
 * Replays a training run that PyTorch recorded, on the current backend, and compares losses, weights, statistics and outputs.
 *
 * @param recording Contents of a trajectory file.
 * @throws TrajectoryError for a file that is no trajectory.
 */
export async function verifyReplay(recording: Uint8Array): Promise<ReplayVerdict> {
  const trajectory = readTrajectory(recording);
  const { losses, final, logits } = await replay(trajectory);
  const differences = {
    maxLossDifference: lossDifference(losses, trajectory.losses),
    maxWeightDifference: weightsDifference(final, trajectory.final),
    maxStatisticsDifference: statisticsDifference(final, trajectory.final),
    maxLogitsDifference: normDifference(logits, trajectory.logits),
  };
  const pass =
    differences.maxLossDifference <= tolerance.losses &&
    differences.maxWeightDifference <= tolerance.weights &&
    differences.maxStatisticsDifference <= tolerance.statistics &&
    differences.maxLogitsDifference <= tolerance.logits;
  return { steps: losses.length, losses, ...differences, pass };
}
