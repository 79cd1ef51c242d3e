import type { Program } from '../program';
import { pointwise } from './pointwise';

/** Loss of each row and its gradient by the logits: `softmax · Σ labels − labels`. Buffers: logits, labels, losses [n], gradient [n, k]. */
export function softmaxCrossEntropy(rows: number, classes: number): Program {
  return pointwise({
    label: 'softmax cross-entropy',
    names: ['x', 'labels', '>losses', '>gradient'],
    size: rows,
    vector: false,
    body: `let at = i * ${classes}u;
  var top = x[at];
  for (var j = 1u; j < ${classes}u; j++) { top = max(top, x[at + j]); }
  var sum = 0.0; var mass = 0.0; var product = 0.0;
  for (var j = 0u; j < ${classes}u; j++) {
    let d = x[at + j] - top;
    sum += exp(d); mass += labels[at + j]; product = fma(labels[at + j], d, product);
  }
  losses[i] = fma(log(sum), mass, -product);
  for (var j = 0u; j < ${classes}u; j++) { gradient[at + j] = exp(x[at + j] - top) / sum * mass - labels[at + j]; }`,
  });
}
