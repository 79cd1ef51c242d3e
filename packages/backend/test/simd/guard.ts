import * as tf from '@tensorflow/tfjs';
import { expect } from 'vitest';

interface Block {
  readonly pointer: number;
  readonly bytes: number;
}

interface Pool {
  readonly memory: WebAssembly.Memory;
  take(bytes: number, what: string): Block;
  give(block: Block): void;
}

/** What the tests know of the backend's inside. */
interface Inside {
  readonly runtime: { sync(): void; readonly pool: Pool };
}

/** A NaN that no computation makes. */
const UNTOUCHED = 0x7fc0dead;
const BEYOND = 256;

let inside: Inside | undefined;
let overruns: string[] = [];

/**
 * Watches the backend's memory from now on. Each piece comes full of NaN, so that whoever reads what was never written computes NaN, and has
 * room behind its last vector, which must be untouched when the piece goes back.
 */
export function guardMemory(): void {
  const simd = tf.findBackend('simd') as unknown as Inside;
  if (inside === simd) return;
  inside = simd;
  const { runtime } = simd;
  const { pool } = runtime;
  const asked = new Map<Block, { bytes: number; what: string }>();
  const words = ({ pointer, bytes }: Block) => new Uint32Array(pool.memory.buffer, pointer, bytes / 4);
  const [take, give] = [pool.take.bind(pool), pool.give.bind(pool)];

  pool.take = (bytes, what) => {
    const block = take(bytes + BEYOND, what);
    asked.set(block, { bytes, what });
    runtime.sync(); // a job that runs may still read what was here before
    words(block).fill(UNTOUCHED);
    return block;
  };
  pool.give = (block) => {
    const { bytes, what } = asked.get(block) ?? { bytes: block.bytes, what: '' };
    asked.delete(block);
    runtime.sync();
    const whole = Math.ceil(bytes / 16) * 4; // kernels end with a whole vector
    const at = words(block).findIndex((word, i) => i >= whole && word !== UNTOUCHED);
    if (at >= 0) overruns.push(`${what} of ${bytes} bytes, ${4 * at - bytes} behind its end`);
    give(block);
  };
}

/** Fails if anything was written behind the end of a piece of memory since the last call. */
export function expectNoOverruns(): void {
  const found = overruns;
  overruns = [];
  expect(found, 'written behind the end').toEqual([]);
}
