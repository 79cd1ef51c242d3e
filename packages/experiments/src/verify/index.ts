export { lossDifference, normDifference, statisticsDifference, tolerance, weightsDifference } from './compare';
export { type Replay, replay } from './replay';
export { shippedTrajectories } from './shipped';
export { readTrajectory, type Trajectory, TrajectoryError } from './trajectory';
