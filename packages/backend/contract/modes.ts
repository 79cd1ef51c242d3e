// Compiled into TypeScript, AssemblyScript and C++.

/** How the input of a convolution, or the gradient of its output, comes about. */
export enum InputMode {
  /** As it lies in memory. */
  Plain,
  /** relu(a·x + b) */
  Relu,
  /** a·g + b·x + c: the gradient that leaves a normalization. */
  NormGradient,
}

/** What happens to the output of a convolution. */
export enum OutputMode {
  Plain,
  /** a·y + b (+ extra), then relu if asked. */
  Affine,
  /** Mean and squared deviations by block. */
  Statistics,
  /** An input gradient that passes a relu and meets a normalization: Σg and Σg·(x − mean) by block. */
  Gradient,
}

/** What of a gradient a relu lets through. */
export enum Mask {
  All,
  /** Where its output is above zero. */
  ByOutput,
  /** Where the normalization before it gave more than zero. */
  ByFactors,
}

/** Arithmetic of two tensors. */
export enum Operation {
  Add,
  Subtract,
  Multiply,
  Divide,
  Minimum,
}

/** Functions of one value. */
export enum UnaryOperation {
  Square,
  SquareRoot,
}

/** Which of two operands is a single value or is broadcast. */
export enum Single {
  None,
  First,
  Second,
}
