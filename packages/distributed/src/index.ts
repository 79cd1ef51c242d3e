export type { Sums } from './all-reduce';
export type { Values } from './calls';
export {
  type DataParallel,
  type DataParallelOptions,
  dataParallel,
  type SharedStatistics,
  type Store,
} from './data-parallel';
export { DistributedError } from './errors';
export { findLauncher, type Launcher, type MpiFamily } from './launcher';
export type { Threads } from './threads';
export { type Member, type MpiOptions, mpi, type World, type WorldLibrary } from './world';
