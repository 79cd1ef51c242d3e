// Where the control block lies in the shared memory, in bytes, and sizes that both sides know. Compiled into TypeScript, AssemblyScript and C++.

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
/** Not 0 where native code is asked first. */
export const NATIVE = 1236;
/** Pages of 64 KiB that the memory has at least: addresses beyond do not exist. */
export const PAGES = 1240;
/** Incremented before the chunks of a parallel job can be taken: whoever has a chunk knows by it whether the job is the one of before. */
export const SERIAL = 1244;
/** The place in its list of the job that a replay ran last. */
export const REPLAYED = 1248;
/** The current job, how many chunks it has, and where the scratch of thread 0 begins and how far apart scratches lie. */
export const JOB = 1280;
export const CHUNKS = 1284;
export const SCRATCH = 1288;
export const SCRATCH_STRIDE = 1292;
/** Arguments of the current job, four bytes each. */
export const ARGUMENTS = 1344;
/** Arguments that fit. */
export const MAX_ARGUMENTS = 512;
/** What native code answers instead of a chunk that it leaves: it finished the last one, or the arguments reach outside of the memory. */
export const NATIVE_FINISHED = -1;
export const NATIVE_REFUSED = -2;
/** First byte that tensors may use; below it, from 65536, lie the tables of exp and log. */
export const HEAP = 131072;

/**
 * Bytes between two of the 36 planes of a Winograd block. Constants, here and below, become part of the load and store instructions; a power of two would
 * put all planes into the same cache set. Only what a block uses is ever touched.
 */
export const PLANE_BYTES = 32832;
/** Floats that fit in a plane. */
export const PLANE_FLOATS = 8192;
/** Bytes between two of the six rows of a strip. */
export const STRIP_BYTES = 16576;
/** Columns that fit in a strip. */
export const STRIP_COLUMNS = 1024;
/** Bytes between two of the six rows of a tile on its way out. */
export const TILE_ROW_BYTES = 96;
/**
 * Where a thread's scratch for Winograd has its parts: V first, M or dM behind it, a strip for each of the two, a tile, masks of six rows, and behind them a
 * row of zeros of the caller's size.
 */
export const WINOGRAD_M = 36 * PLANE_BYTES;
export const WINOGRAD_STRIPS = 2 * WINOGRAD_M;
export const WINOGRAD_TILE = WINOGRAD_STRIPS + 12 * STRIP_BYTES;
export const WINOGRAD_INSIDE = WINOGRAD_TILE + 4 * TILE_ROW_BYTES;
export const WINOGRAD_ZEROS = WINOGRAD_INSIDE + 96;
