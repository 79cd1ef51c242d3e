import sharp from 'sharp';

// Threads are the parallelism here: one decode, one core, and no cache of pixels that are read once.
sharp.concurrency(1);
sharp.cache(false);

export { decodeChunk } from './decode-chunk';
export { makeBatch } from './worker-batch';
