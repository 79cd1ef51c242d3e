import * as tf from '@tensorflow/tfjs';

type State = ReturnType<typeof tf.engine>['state'];
type Node = State['activeTape'][number];

/** What TensorFlow.js knows of a tensor and does not declare: the scope that frees it, and whether it outlives its scope. */
type Owned = tf.Tensor & { readonly kept: boolean; readonly scopeId: number };

/**
 * To be called at the end of a function that is being differentiated. TensorFlow.js holds all activations and all gradients of activations until the
 * backward pass has ended, twice the memory of PyTorch. From here on what a node of the tape has saved, and the gradients that reached it, are freed
 * once the gradients of its inputs are known.
 *
 * Only for first-order gradients: the tape cannot be walked a second time.
 */
export function freeActivationsEarly(): void {
  const { state } = tf.engine();
  if (state.gradientDepth > 1) return;
  const walk = new Walk(state);
  for (const node of state.activeTape) walk.follow(node);
}

/** The backward pass over one tape, from the last node to the first. */
class Walk {
  /** How often a tensor was returned as a gradient: one that serves two inputs is left to the scope. */
  readonly #returned = new Map<tf.Tensor, number>();
  #freePrevious = () => {};

  constructor(private readonly state: State) {}

  /** Notes when the backward pass comes to this node, and what it gives. */
  follow(node: Node): void {
    const { gradient } = node;
    if (!gradient) return;
    node.gradient = (dys) => {
      this.#freePrevious();
      const own = new Set<tf.Tensor>();
      this.#freePrevious = () => this.#free(node, dys, own);
      const gradients = Object.entries(gradient(dys));
      return Object.fromEntries(gradients.map(([input, make]) => [input, () => this.#note(make(), own)]));
    };
  }

  #note(gradient: tf.Tensor, own: Set<tf.Tensor>): tf.Tensor {
    own.add(gradient);
    this.#returned.set(gradient, (this.#returned.get(gradient) ?? 0) + 1);
    return gradient;
  }

  #free(node: Node, dys: readonly (tf.Tensor | null)[], own: ReadonlySet<tf.Tensor>): void {
    const scope = this.state.activeScope.id;
    for (const dy of dys) {
      if (!dy || own.has(dy) || (this.#returned.get(dy) ?? 1) > 1) continue;
      const { kept, scopeId } = dy as Owned;
      if (!kept && scopeId === scope) dy.dispose(); // the scope would, at the end of the pass
    }
    for (const tensor of node.saved ?? []) if (!own.has(tensor)) tensor.dispose();
  }
}
