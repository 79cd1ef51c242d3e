export { tolerance } from './compare';
export { type ReplayVerdict, verifyReplay } from './judge';
export { shippedTrajectories } from './shipped';
export { TrajectoryError } from './trajectory';
