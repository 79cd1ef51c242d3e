/** The word that takes the fewest insertions, deletions and replacements to reach; the first of equals. */
export function nearest(word: string, words: readonly string[]): string | undefined {
  const distances = words.map((candidate) => editDistance(word, candidate));
  return words[distances.indexOf(Math.min(...distances))];
}

/** Levenshtein's distance, one row at a time. */
export function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const replace = row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(replace, row[j]! + 1, next[j - 1]! + 1));
    }
    row = next;
  }
  return row[b.length]!;
}
