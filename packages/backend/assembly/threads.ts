// Threads: every thread runs this module on the same memory. The caller publishes a job, everybody takes chunks until none is left.

import { dispatch } from './dispatch';
import {
  ACTIVE, ARGUMENTS, CHUNKS, DONE, FAILED, GENERATION, JOB, NATIVE, NATIVE_FINISHED, NATIVE_REFUSED, PAGES, REMAINING, REPLAYED, SCRATCH, SCRATCH_STRIDE,
  SERIAL, SLEEPERS, STOP, WAITING,
} from '../contract/layout';

@external('env', 'now')
declare function now(): f64;

/**
 * Asks native code, which gets the memory's length in pages. With a chunk, counted as `REMAINING` counts, it does that one and takes others until none is left,
 * and returns 0, `NATIVE_FINISHED`, or a chunk that it has taken and leaves to this module. With 0 it does all chunks of the job alone and returns
 * `NATIVE_FINISHED`, or does nothing and returns 1. `NATIVE_REFUSED` ends in a trap.
 */
@external('env', 'native')
declare function native(left: i32, pages: i32): i32;

/** Loads before a thread without work goes to sleep: some tens of microseconds, the gap between two kernels of a step. */
const SPINS = 20000;

function scratch(slot: i32): usize {
  return load<usize>(SCRATCH) + <usize>slot * load<usize>(SCRATCH_STRIDE);
}

/** Takes chunks of the current job until none is left. */
function take(slot: i32): void {
  while (true) {
    let left = atomic.sub<i32>(REMAINING, 1);
    if (left <= 0) return;
    // Not `memory.size()`: a worker hears of growth late.
    if (load<i32>(NATIVE)) left = native(left, load<i32>(PAGES));
    if (left == NATIVE_REFUSED) unreachable();
    if (left == 0) return;
    const chunks = load<i32>(CHUNKS);
    if (left > 0) {
      dispatch(load<i32>(JOB), chunks - left, scratch(slot));
      if (atomic.add<i32>(DONE, 1) + 1 != chunks) continue;
    }
    if (atomic.load<i32>(WAITING)) atomic.notify(DONE, 1);
  }
}

/** Waits until all chunks are done. Returns false if nothing moved for `patience` milliseconds: a worker is gone. */
function settle(chunks: i32, maySleep: bool, patience: f64): bool {
  let spins = 0, seen = -1, since: f64 = 0;
  while (true) {
    const done = atomic.load<i32>(DONE);
    if (done == chunks) return true;
    if (++spins < SPINS) continue;
    spins = 0;
    const time = now();
    if (done != seen) { seen = done; since = time; }
    else if (time - since > patience) return false;
    if (maySleep) {
      atomic.store<i32>(WAITING, 1);
      atomic.wait<i32>(DONE, done, 10_000_000);
      atomic.store<i32>(WAITING, 0);
    }
  }
}

/** Runs a job whose arguments are in place, on the calling thread alone. */
export function run(job: i32, chunks: i32): void {
  store<i32>(JOB, job);
  store<i32>(CHUNKS, chunks);
  if (load<i32>(NATIVE)) {
    const answer = native(0, load<i32>(PAGES));
    if (answer == NATIVE_REFUSED) unreachable();
    if (answer == NATIVE_FINISHED) return;
  }
  const own = scratch(0);
  for (let chunk = 0; chunk < chunks; chunk++) dispatch(job, chunk, own);
}

/** Publishes a job whose arguments are in place, and returns at once: the workers begin. Arguments and scratch stay as they are until `finish`. */
export function begin(job: i32, chunks: i32): void {
  store<i32>(JOB, job);
  store<i32>(CHUNKS, chunks);
  atomic.store<i32>(DONE, 0);
  atomic.add<i32>(SERIAL, 1);
  atomic.store<i32>(REMAINING, chunks);
  atomic.add<i32>(GENERATION, 1);
  if (atomic.load<i32>(SLEEPERS) > 0) atomic.notify(GENERATION, -1);
}

/** Takes part in the published job and waits for its end. Returns 0, or 1 if a worker trapped, or 2 if one is gone. */
export function finish(maySleep: bool, patience: f64): i32 {
  take(0);
  if (!settle(load<i32>(CHUNKS), maySleep, patience)) return 2;
  return atomic.load<i32>(FAILED) ? 1 : 0;
}

/**
 * Runs the jobs of a list: for each its number, chunks, whether to call for the workers, words of arguments, and the arguments. Returns as `finish`; `REPLAYED`
 * tells the job that ran last.
 */
export function replay(list: usize, count: i32, maySleep: bool, patience: f64): i32 {
  for (let i = 0; i < count; i++) {
    const bytes = <usize>load<i32>(list, 12) << 2;
    store<i32>(REPLAYED, i);
    memory.copy(ARGUMENTS, list + 16, bytes);
    const job = load<i32>(list), chunks = load<i32>(list, 4);
    if (load<i32>(list, 8) && load<i32>(ACTIVE) > 1) {
      begin(job, chunks);
      const status = finish(maySleep, patience);
      if (status) return status;
    } else run(job, chunks);
    list += 16 + bytes;
  }
  return 0;
}

/** A worker's life: wait for a job, take part, until told to stop. */
export function work(slot: i32): void {
  let seen = atomic.load<i32>(GENERATION), spins = SPINS;
  if (slot < load<i32>(ACTIVE)) take(slot);
  while (true) {
    const generation = atomic.load<i32>(GENERATION);
    if (atomic.load<i32>(STOP)) return;
    if (generation != seen) {
      seen = generation;
      spins = 0;
      if (slot < load<i32>(ACTIVE)) { take(slot); continue; }
      spins = SPINS;
    }
    if (++spins < SPINS) continue;
    atomic.add<i32>(SLEEPERS, 1);
    atomic.wait<i32>(GENERATION, seen, -1);
    atomic.sub<i32>(SLEEPERS, 1);
  }
}
