import type { Evaluation } from './events';

/** Sums of what an evaluation measures, in float64. */
export interface Scores {
  /** Takes in logits and probabilities, both `[n, classes]`. */
  add(logits: ArrayLike<number>, labels: ArrayLike<number>, classes: number): void;
  result(): Omit<Evaluation, 'seconds'>;
}

/** Counts in plain JavaScript: equal logits give equal results on every backend. */
export function scores(): Scores {
  let images = 0;
  let loss = 0;
  let wrong = 0;
  let wrong5 = 0;
  return {
    add: (logits, labels, classes) => {
      for (let start = 0; start < logits.length; start += classes) {
        const rank = rankOf(logits, start, classes, largest(labels, start, classes));
        images += 1;
        loss += crossEntropy(logits, labels, start, classes);
        wrong += rank >= 1 ? 1 : 0;
        wrong5 += rank >= 5 ? 1 : 0;
      }
    },
    result: () => ({ images, loss: loss / images, error: wrong / images, top5Error: wrong5 / images }),
  };
}

function largest(values: ArrayLike<number>, start: number, count: number): number {
  let best = 0;
  for (let i = 1; i < count; i += 1) if (values[start + i]! > values[start + best]!) best = i;
  return best;
}

/** How many classes come before `label`: a tie goes to the lower index, NaN comes first so that it is never right. */
function rankOf(logits: ArrayLike<number>, start: number, classes: number, label: number): number {
  const own = logits[start + label]!;
  if (Number.isNaN(own)) return classes;
  let rank = 0;
  for (let i = 0; i < classes; i += 1) {
    const other = logits[start + i]!;
    if (i !== label && (!(other <= own) || (other === own && i < label))) rank += 1;
  }
  return rank;
}

function crossEntropy(logits: ArrayLike<number>, labels: ArrayLike<number>, start: number, classes: number): number {
  let highest = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < classes; i += 1) highest = Math.max(highest, logits[start + i]!);
  let sum = 0;
  for (let i = 0; i < classes; i += 1) sum += Math.exp(logits[start + i]! - highest);
  const logSum = highest + Math.log(sum);
  let loss = 0;
  for (let i = 0; i < classes; i += 1) {
    const p = labels[start + i]!;
    if (p !== 0) loss += p * (logSum - logits[start + i]!);
  }
  return loss;
}
