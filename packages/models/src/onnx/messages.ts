import { bytes, float, integer, message, text } from './protobuf';

// Field numbers are those of onnx.proto: https://github.com/onnx/onnx/blob/main/onnx/onnx.proto.

/** A step of the computation. */
export interface OnnxNode {
  /** Unique in the graph; also the name of the only output. */
  readonly name: string;
  /** An operator of the default operator set. */
  readonly op: string;
  readonly inputs: readonly string[];
  readonly attributes?: Readonly<Record<string, OnnxAttribute>>;
}

/** A whole number, a list of such, or a float. */
export type OnnxAttribute = number | readonly number[] | { readonly float: number };

/** A constant of the graph. */
export interface OnnxTensor {
  readonly name: string;
  readonly shape: readonly number[];
  readonly data: Float32Array | BigInt64Array;
}

/** A float32 input or output; an axis that may have any size has a name. */
export interface OnnxValue {
  readonly name: string;
  readonly shape: readonly (number | string)[];
}

/** A whole file. */
export interface OnnxFile {
  readonly name: string;
  readonly nodes: readonly OnnxNode[];
  readonly tensors: readonly OnnxTensor[];
  readonly inputs: readonly OnnxValue[];
  readonly outputs: readonly OnnxValue[];
  readonly metadata: Readonly<Record<string, string>>;
}

/** Version of the format and of the default operator set: what every runtime since early 2021 reads. */
const irVersion = 7;
const operatorSet = 13;

/** ModelProto. */
export const encodeFile = (file: OnnxFile): Uint8Array =>
  message(
    integer(1, irVersion),
    text(2, '@resnet/models'),
    bytes(7, encodeGraph(file)),
    bytes(8, message(text(1, ''), integer(2, operatorSet))),
    ...Object.entries(file.metadata).map(([key, value]) => bytes(14, message(text(1, key), text(2, value)))),
  );

/** GraphProto. */
const encodeGraph = ({ name, nodes, tensors, inputs, outputs }: OnnxFile): Uint8Array =>
  message(
    ...nodes.map((node) => bytes(1, encodeNode(node))),
    text(2, name),
    ...tensors.map((tensor) => bytes(5, encodeTensor(tensor))),
    ...inputs.map((value) => bytes(11, encodeValue(value))),
    ...outputs.map((value) => bytes(12, encodeValue(value))),
  );

/** NodeProto. */
const encodeNode = ({ name, op, inputs, attributes = {} }: OnnxNode): Uint8Array =>
  message(
    ...inputs.map((input) => text(1, input)),
    text(2, name),
    text(3, name),
    text(4, op),
    ...Object.entries(attributes).map(([key, value]) => bytes(5, encodeAttribute(key, value))),
  );

/** AttributeProto; field 20 says which kind it is. */
function encodeAttribute(name: string, value: OnnxAttribute): Uint8Array {
  if (typeof value === 'number') return message(text(1, name), integer(3, value), integer(20, 2));
  if ('float' in value) return message(text(1, name), float(2, value.float), integer(20, 1));
  return message(text(1, name), ...value.map((item) => integer(8, item)), integer(20, 7));
}

/** TensorProto. */
const encodeTensor = ({ name, shape, data }: OnnxTensor): Uint8Array =>
  message(
    ...shape.map((size) => integer(1, size)),
    integer(2, data instanceof Float32Array ? 1 : 7),
    text(8, name),
    bytes(9, new Uint8Array(data.buffer, data.byteOffset, data.byteLength)),
  );

/** ValueInfoProto of a float32 tensor. */
const encodeValue = ({ name, shape }: OnnxValue): Uint8Array =>
  message(text(1, name), bytes(2, bytes(1, message(integer(1, 1), bytes(2, message(...shape.map(encodeAxis)))))));

/** TensorShapeProto.Dimension. */
const encodeAxis = (size: number | string): Uint8Array =>
  bytes(1, typeof size === 'number' ? integer(1, size) : text(2, size));
