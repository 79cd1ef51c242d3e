/**
 * What each process has of its parts of consecutive batches, in the order of the images: parts follow each other within a batch, as `share` of `batches` cuts them.
 *
 * @param batchSize Images of a whole batch.
 */
export function mergeParts<T>(processes: readonly (readonly T[])[], batchSize: number): T[] {
  const total = processes.reduce((sum, { length }) => sum + length, 0);
  const starts = processes.map(() => 0);
  const all: T[] = [];
  for (let first = 0; first < total; first += batchSize) {
    const size = Math.min(batchSize, total - first);
    for (const [rank, own] of processes.entries()) {
      const bound = (place: number) => Math.floor((place * size) / processes.length);
      const end = starts[rank]! + bound(rank + 1) - bound(rank);
      all.push(...own.slice(starts[rank], end));
      starts[rank] = end;
    }
  }
  return all;
}
