import type { Calls, Request } from './calls';
import type { Peers } from './peers';
import { soon, waitFor } from './wait';

/** What is waited for, in errors. */
const what = 'a sum of gradients';

/** Sums over all processes that are under way. */
export interface Sums {
  /**
   * Begins to sum an array over all processes; it must neither be read nor written before `finish`. All processes add arrays of
   * the same lengths in the same order.
   */
  add(values: Float32Array): void;
  /** Waits until all arrays hold their sums: the same bits in every process. Afterwards the next ones may be added. */
  finish(): void;
  /** The same, while this process goes on with other things. */
  finished(): Promise<void>;
}

/** Small arrays that travel together. */
interface Bucket {
  readonly values: Float32Array;
  readonly arrays: Float32Array[];
  length: number;
}

/**
 * Sums arrays as they come. An array of at least `bytes` goes by itself, as it lies in memory; smaller ones are gathered in buckets of about that size, since
 * every sum costs a round through the network. MPI works on those under way at each `add` and while `finish` waits.
 */
export function bucketedSums(calls: Calls, peers: Peers, bytes: number): Sums {
  const capacity = Math.max(1, Math.ceil(bytes / 4));
  /** Kept for the next round, which has the same arrays. */
  const buckets: Bucket[] = [];
  let used = 0;
  let underWay: Request[] = [];

  const begin = (values: Float32Array): void => {
    underWay = underWay.filter((request) => !request.done());
    underWay.push(calls.allReduce(values));
  };
  const open = (): Bucket => {
    const bucket = buckets[used] ?? { values: new Float32Array(2 * capacity), arrays: [], length: 0 };
    buckets[used] = bucket;
    return bucket;
  };
  const close = (): void => {
    const { values, length } = open();
    if (length === 0) return;
    begin(values.subarray(0, length));
    used += 1;
  };
  const unpack = (bucket: Bucket): void => {
    let start = 0;
    for (const array of bucket.arrays) {
      array.set(bucket.values.subarray(start, start + array.length));
      start += array.length;
    }
    bucket.arrays.length = 0;
    bucket.length = 0;
  };
  const end = (): void => {
    underWay = [];
    for (const bucket of buckets.slice(0, used)) unpack(bucket);
    used = 0;
  };

  return {
    add: (array) => {
      if (array.length >= capacity) return begin(array);
      const bucket = open();
      bucket.values.set(array, bucket.length);
      bucket.arrays.push(array);
      bucket.length += array.length;
      if (bucket.length >= capacity) close();
      else underWay = underWay.filter((request) => !request.done());
    },
    finish: () => {
      close();
      for (const request of underWay) waitFor(request, peers, what);
      end();
    },
    finished: async () => {
      close();
      for (const request of underWay) await soon(request, peers, what);
      end();
    },
  };
}
