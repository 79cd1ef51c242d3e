// Where the control block lies in the shared memory, in bytes. Compiled into both the wasm module and the TypeScript that drives it.

/** Incremented for every parallel job; idle workers wait on it. */
export const GENERATION = 1024;
/** Chunks of the current job that nobody has taken yet. */
export const REMAINING = 1088;
/** Chunks of the current job that are finished; the caller waits on it. */
export const DONE = 1152;
/** Workers asleep on `GENERATION`. */
export const SLEEPERS = 1216;
/** 1 while the caller sleeps on `DONE`. */
export const WAITING = 1220;
/** Threads that may take part, the caller included. */
export const ACTIVE = 1224;
/** Workers whose code trapped. */
export const FAILED = 1228;
/** 1 tells the workers to return. */
export const STOP = 1232;
/** The current job, how many chunks it has, and where the scratch of thread 0 begins and how far apart scratches lie. */
export const JOB = 1280;
export const CHUNKS = 1284;
export const SCRATCH = 1288;
export const SCRATCH_STRIDE = 1292;
/** Arguments of the current job, four bytes each. */
export const ARGUMENTS = 1344;
/** Arguments that fit. */
export const MAX_ARGUMENTS = 512;
/** First byte that tensors may use; below it, from 65536, lie the tables of exp and log. */
export const HEAP = 131072;
