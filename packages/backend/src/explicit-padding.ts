import {
  engine,
  getKernel,
  type KernelFunc,
  type NamedAttrMap,
  type NamedTensorInfoMap,
  type NamedTensorMap,
  registerKernel,
  Tensor,
  type TensorInfo,
  unregisterKernel,
} from '@tensorflow/tfjs';

/** Rows and columns added at `[top, bottom]` and `[left, right]`. */
type Borders = readonly [rows: readonly [number, number], columns: readonly [number, number]];

/** Makes a kernel that only knows `valid` and `same` take numeric paddings too. */
type Wrap = (stock: KernelFunc) => KernelFunc;

/** Pads the input called `name` with `fill`, then runs the kernel without padding. */
const padded =
  (name: string, fill: number): Wrap =>
  (stock) =>
  (call) => {
    const borders = bordersOf(call.attrs);
    if (!borders) return stock(call);
    const image = pad(call.inputs[name]!, borders, fill);
    const result = stock({
      ...call,
      inputs: { ...call.inputs, [name]: image },
      attrs: { ...call.attrs, pad: 'valid' },
    });
    image.dispose();
    return result;
  };

/** Runs the kernel without padding for an image with borders, then cuts the borders off its result. */
const cropped: Wrap = (stock) => (call) => {
  const borders = bordersOf(call.attrs);
  if (!borders) return stock(call);
  const shape = call.attrs!.inputShape as number[];
  const attrs = { ...call.attrs, pad: 'valid', inputShape: grow(shape, borders) };
  return crop(stock({ ...call, attrs }) as TensorInfo, shape, borders);
};

/** Pads the pooled image, then cuts the borders off the gradient. */
const paddedAndCropped: Wrap = (stock) => (call) => {
  const borders = bordersOf(call.attrs);
  if (!borders) return stock(call);
  const whole = padded('input', Number.NEGATIVE_INFINITY)(stock)(call) as TensorInfo;
  return crop(whole, call.inputs.input!.shape, borders);
};

const wraps: Readonly<Record<string, Wrap>> = {
  Conv2D: padded('x', 0),
  FusedConv2D: padded('x', 0),
  Conv2DBackpropFilter: padded('x', 0),
  Conv2DBackpropInput: cropped,
  MaxPool: padded('x', Number.NEGATIVE_INFINITY),
  MaxPoolGrad: paddedAndCropped,
};

const done = new WeakSet<KernelFunc>();

/**
 * Teaches a backend's convolutions and max pooling, with their gradients, paddings given as numbers. TensorFlow's own
 * kernels know `valid` and `same` only, and PyTorch's symmetric padding at stride 2 is neither. Channels last only.
 * A second call changes nothing.
 */
export function allowExplicitPadding(backendName: string): void {
  for (const [kernelName, wrap] of Object.entries(wraps)) {
    const stock = getKernel(kernelName, backendName);
    if (!stock || done.has(stock.kernelFunc)) continue;
    const kernelFunc = wrap(stock.kernelFunc);
    done.add(kernelFunc);
    unregisterKernel(kernelName, backendName);
    registerKernel({ ...stock, kernelFunc });
  }
}

/** The borders a kernel call asks for; none for `valid`, `same`, 0 and for channels first. */
function bordersOf(attrs: NamedAttrMap | undefined): Borders | undefined {
  const { pad, dataFormat } = attrs as { pad: 'valid' | 'same' | number | [number, number][]; dataFormat?: string };
  if (typeof pad === 'string' || pad === 0 || dataFormat === 'NCHW') return undefined;
  return typeof pad === 'number'
    ? [
        [pad, pad],
        [pad, pad],
      ]
    : [pad[1]!, pad[2]!];
}

const grow = ([n, h, w, c]: readonly number[], [rows, columns]: Borders): number[] => [
  n!,
  rows[0] + h! + rows[1],
  columns[0] + w! + columns[1],
  c!,
];

function pad(x: TensorInfo, [rows, columns]: Borders, constantValue: number): Tensor {
  return run('PadV2', { x }, { paddings: [[0, 0], [...rows], [...columns], [0, 0]], constantValue });
}

function crop(whole: TensorInfo, shape: readonly number[], [rows, columns]: Borders): Tensor {
  // tfjs-node's kernels return tensors that the engine already tracks; others return bare infos.
  const x = whole instanceof Tensor ? whole : engine().makeTensorFromTensorInfo(whole);
  const part = run('Slice', { x }, { begin: [0, rows[0], columns[0], 0], size: [...shape] });
  x.dispose();
  return part;
}

/** A kernel within a kernel: the engine keeps it off the gradient tape. */
const run = (name: string, inputs: NamedTensorInfoMap, attrs: NamedAttrMap): Tensor =>
  engine().runKernel(name, inputs as unknown as NamedTensorMap, attrs);
