import { parseJson } from '@resnet/files';
import type * as tf from '@tensorflow/tfjs';
import { WeightFileError } from '../errors';

type Spec = tf.io.WeightsManifestEntry;

/**
 * Reads a TensorFlow.js `model.json`, whose every field that loading uses is checked: a malformed one is told by name, not by an error
 * from inside TensorFlow.js.
 *
 * @param file For messages.
 * @throws WeightFileError naming the field.
 */
export function parseModelJson(file: string, text: string): tf.io.ModelJSON {
  const refuse: Refuse = (must, got) => {
    const shown =
      (typeof got === 'string' && got === text ? JSON.stringify(text.slice(0, 40)) : JSON.stringify(got)) ?? 'nothing';
    throw new WeightFileError(
      `modelFileHandler: ${file} must be a TensorFlow.js model.json${must}, got ${shown.slice(0, 80)}. Check the path, or convert the model again.`,
    );
  };
  const json = parseObject(text) ?? refuse('', text);
  requireTopology(json.modelTopology, refuse);
  const manifest = json.weightsManifest;
  if (!Array.isArray(manifest)) refuse(' with weightsManifest, a list', manifest);
  for (const [i, group] of manifest.entries()) requireGroup(group, `weightsManifest[${i}]`, refuse);
  const names = manifest.flatMap(({ weights }: { weights: Spec[] }) => weights.map(({ name }) => name));
  if (new Set(names).size < names.length)
    refuse(
      ' with a name for each weight',
      names.find((name, i) => names.indexOf(name) < i),
    );
  return json as unknown as tf.io.ModelJSON;
}

type Refuse = (must: string, got: unknown) => never;
type Fields = Readonly<Record<string, unknown>>;

const isObject = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function parseObject(text: string): Fields | null {
  try {
    const value = parseJson(text);
    return isObject(value) ? value : null;
  } catch {
    return null;
  }
}

/** A layers model: `{ class_name, config }`, by itself or as `model_config`, also as text; or a graph model, with its nodes. */
function requireTopology(topology: unknown, refuse: Refuse): void {
  if (!isObject(topology)) refuse(' with modelTopology, an object', topology);
  if (Array.isArray(topology.node)) return;
  const { model_config: inner = topology } = topology;
  const config = typeof inner === 'string' ? parseObject(inner) : inner;
  if (!isObject(config) || typeof config.class_name !== 'string') refuse(' with the class_name of its model', inner);
  else if (typeof config.config !== 'object' || config.config === null)
    refuse(' with the config of its model', config.config);
}

function requireGroup(group: unknown, where: string, refuse: Refuse): void {
  if (!isObject(group)) refuse(` with ${where}, an object`, group);
  const { paths, weights } = group;
  if (!Array.isArray(paths) || !paths.every((path) => typeof path === 'string'))
    refuse(` with ${where}.paths, a list of names`, paths);
  if (!Array.isArray(weights)) refuse(` with ${where}.weights, a list`, weights);
  for (const [i, spec] of weights.entries()) requireSpec(spec, `${where}.weights[${i}]`, refuse);
}

/** Bytes of one element. Of text they stand in the data. */
const widths: Readonly<Record<string, number>> = { float32: 4, int32: 4, bool: 1, complex64: 8, string: Number.NaN };
const quantizedWidths: Readonly<Record<string, number>> = { float16: 2, uint16: 2, uint8: 1 };

function requireSpec(spec: unknown, where: string, refuse: Refuse): void {
  if (!isObject(spec)) refuse(` with ${where}, an object`, spec);
  const { name, shape, dtype, quantization } = spec;
  if (typeof name !== 'string') refuse(` with ${where}.name, a text`, name);
  if (typeof dtype !== 'string' || !Object.hasOwn(widths, dtype))
    refuse(` with ${where}.dtype, one of ${Object.keys(widths)}`, dtype);
  if (!isShape(shape)) refuse(` with ${where}.shape, a list of sizes`, shape);
  if (quantization !== undefined) requireQuantization(quantization, `${where}.quantization`, refuse);
}

/** As many axes as TensorFlow.js has. */
const isShape = (shape: unknown): boolean =>
  Array.isArray(shape) &&
  shape.length <= 6 &&
  shape.every((size) => Number.isSafeInteger(size) && size >= 0) &&
  Number.isSafeInteger(8 * shape.reduce((product, size) => product * size, 1));

function requireQuantization(value: unknown, where: string, refuse: Refuse): void {
  if (!isObject(value)) refuse(` with ${where}, an object`, value);
  const { dtype, scale, min } = value;
  if (typeof dtype !== 'string' || !Object.hasOwn(quantizedWidths, dtype))
    refuse(` with ${where}.dtype, one of ${Object.keys(quantizedWidths)}`, dtype);
  const numbers = [scale, min].every((number) => Number.isFinite(number));
  if (dtype !== 'float16' && !numbers) refuse(` with ${where}.scale and min, numbers`, [scale, min]);
}

const countOf = ({ shape }: Spec): number => shape.reduce((product, size) => product * size, 1);

const bytesOf = (spec: Spec): number =>
  countOf(spec) * (spec.quantization ? quantizedWidths[spec.quantization.dtype]! : widths[spec.dtype]!);

/** Bytes of all weights; null where there is text among them. */
export function sizeOf(specs: readonly Spec[]): number | null {
  const size = specs.reduce((sum, spec) => sum + bytesOf(spec), 0);
  return Number.isNaN(size) ? null : size;
}

/** @throws WeightFileError unless the weights fill the data to its last byte. */
export function requireSize(file: string, specs: readonly Spec[], data: Uint8Array): void {
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  let end = 0;
  for (const spec of specs) end = spec.dtype === 'string' ? endOfText(spec, view, end) : end + bytesOf(spec);
  if (end === data.length) return;
  throw new WeightFileError(
    `modelFileHandler: the weights of ${file} must have ${end} bytes, got ${data.length}. Are its files complete and of one model?`,
  );
}

/** Each text is its length (uint32, little endian) and its bytes. Infinity where it ends behind the data. */
function endOfText(spec: Spec, view: DataView, start: number): number {
  let at = start;
  for (let i = countOf(spec); i > 0; i--) {
    if (at + 4 > view.byteLength) return Number.POSITIVE_INFINITY;
    at += 4 + view.getUint32(at, true);
  }
  return at;
}
