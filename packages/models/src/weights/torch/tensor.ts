import type { SafeTensor, TensorData } from '@resnet/safetensors';
import { PickleError } from '../errors';
import { describe, type Global, isTuple, type PickleValue } from '../pickle/value';
import { Storage } from './storage';

/** A view of a storage: element (i, j, …) lies at `offset + i·strides[0] + j·strides[1] + …`. */
export class TorchTensor {
  constructor(
    readonly storage: Storage,
    readonly offset: number,
    readonly shape: readonly number[],
    readonly strides: readonly number[],
  ) {}

  /** Elements of the view. */
  get count(): number {
    return product(this.shape);
  }
}

/** `_rebuild_tensor(storage, offset, size, stride)`, and the same with more that inference does not need. */
const rebuildTensor = (args: readonly PickleValue[]): TorchTensor => {
  const [storage, offset, size, stride] = args;
  if (!(storage instanceof Storage)) throw damaged('a storage', storage);
  if (!isCount(offset)) throw damaged('an offset', offset);
  if (!isShape(size)) throw damaged('a size', size);
  if (!isShape(stride) || stride.length !== size.length) throw damaged('a stride for each axis', stride);
  checkBounds(storage, offset, size, stride);
  return new TorchTensor(storage, offset, size, stride);
};

const rebuildParameter = ([data]: readonly PickleValue[]): TorchTensor => {
  if (data instanceof TorchTensor) return data;
  throw damaged('a tensor in a parameter', data);
};

/** `_rebuild_from_type_v2(rebuild, type, args, state)`: a tensor with attributes of its own, or of a subclass. */
const rebuildFromType = ([rebuild, , args]: readonly PickleValue[]): TorchTensor => {
  const builder = tensorBuilders.find((known) => known === rebuild);
  if (!builder || !isTuple(args)) throw damaged('a way to be rebuilt', rebuild);
  return builder.build(args);
};

const tensorBuilders: readonly { name: string; build(args: readonly PickleValue[]): TorchTensor }[] = [
  { name: 'torch._utils._rebuild_tensor', build: rebuildTensor },
  { name: 'torch._utils._rebuild_tensor_v2', build: rebuildTensor },
  { name: 'torch._utils._rebuild_parameter', build: rebuildParameter },
  { name: 'torch._utils._rebuild_parameter_with_state', build: rebuildParameter },
];

const orderedDict = (args: readonly PickleValue[]): Map<PickleValue, PickleValue> => {
  if (args.length > 0) throw damaged('an OrderedDict without arguments', args);
  return new Map();
};

/** What the allow-list builds: our own values, from checked arguments. */
export const builders: readonly Global[] = [
  ...tensorBuilders,
  { name: 'torch._tensor._rebuild_from_type_v2', build: rebuildFromType },
  { name: 'collections.OrderedDict', build: orderedDict },
  { name: 'collections.defaultdict', build: () => new Map() },
];

/**
 * A tensor's elements row by row: a view of the storage where they lie so, a copy otherwise.
 *
 * @param data The storage's elements.
 */
export function contiguous(tensor: TorchTensor, data: TensorData): SafeTensor {
  const { storage, offset, shape, strides } = tensor;
  const count = product(shape);
  const elements = isRowMajor(tensor)
    ? data.subarray(offset, offset + count)
    : gather(data, offset, shape, strides, count);
  return { dtype: storage.dtype, shape: [...shape], data: elements };
}

/** Every element inside the storage, and no more of them than it has: an expanded view must not fill the memory. */
function checkBounds(storage: Storage, offset: number, shape: readonly number[], strides: readonly number[]): void {
  const count = product(shape);
  const last = shape.reduce((sum, size, axis) => sum + (size - 1) * strides[axis]!, offset);
  // Written so that what overflowed to infinity or NaN fails too.
  if (!(count <= storage.length && offset <= storage.length && (count === 0 || last < storage.length))) {
    throw new PickleError(
      `readWeights: a tensor [${shape.slice(0, 8)}] at ${offset} must lie within its storage of ${storage.length} elements. Is the file damaged?`,
    );
  }
}

/** Whether the elements lie row by row without gaps. */
export const isRowMajor = ({ shape, strides }: TorchTensor): boolean => {
  let expected = 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    if (shape[axis] !== 1 && strides[axis] !== expected) return false;
    expected *= shape[axis]!;
  }
  return true;
};

function gather(
  data: TensorData,
  offset: number,
  shape: readonly number[],
  strides: readonly number[],
  count: number,
): TensorData {
  const copy = data.slice(0, count);
  const index = shape.map(() => 0);
  let at = offset;
  for (let i = 0; i < count; i++) {
    copy[i] = data[at]!;
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      at += strides[axis]!;
      index[axis]!++;
      if (index[axis]! < shape[axis]!) break;
      at -= strides[axis]! * shape[axis]!;
      index[axis] = 0;
    }
  }
  return copy;
}

const product = (shape: readonly number[]): number => shape.reduce((count, size) => count * size, 1);

const isCount = (value: PickleValue): value is number =>
  typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;

const mostAxes = 64; // PyTorch's own limit for many operations

const isShape = (value: PickleValue): value is readonly number[] =>
  isTuple(value) && value.length <= mostAxes && value.every(isCount);

const damaged = (expected: string, found: PickleValue): PickleError =>
  new PickleError(`readWeights: a tensor must have ${expected}, got ${describe(found)}. Is the file damaged?`);
