import type { Program } from '../program';
import { pointwise } from './pointwise';

/** Option A of a shape: every `stride`-th pixel, channels of zeros before and after. */
export interface PadShape {
  readonly input: readonly [n: number, h: number, w: number, c: number];
  readonly output: readonly [n: number, h: number, w: number, c: number];
  readonly stride: number;
  readonly before: number;
}

const isVector = ({ input, output, before }: PadShape): boolean =>
  [input[3], output[3], before].every((n) => n % 4 === 0);

/** y[n, h, w, c] = x[n, h · stride, w · stride, c − before], or zero. Buffers: x, y. */
export function padShortcut(shape: PadShape): Program {
  const vector = isVector(shape);
  const per = vector ? 4 : 1;
  const [, h, w, c] = shape.input.map((size, axis) => (axis === 3 ? size / per : size)) as number[];
  const [n, oh, ow, oc] = shape.output.map((size, axis) => (axis === 3 ? size / per : size)) as number[];
  const { stride } = shape;
  return pointwise({
    label: 'padded shortcut',
    names: ['x', '>y'],
    size: n! * oh! * ow! * oc! * per,
    vector,
    body: `let channel = i % ${oc}u; let r = i / ${oc}u; let column = r % ${ow}u; let s = r / ${ow}u; let line = s % ${oh}u; let image = s / ${oh}u;
  let source = i32(channel) - ${shape.before / per};
  if (source < 0 || source >= ${c}) { y[i] = ${vector ? 'vec4f(0.0)' : '0.0'}; return; }
  y[i] = x[((image * ${h}u + line * ${stride}u) * ${w}u + column * ${stride}u) * ${c}u + u32(source)];`,
  });
}

/** Its gradient. Buffers: dy, dx. */
export function padShortcutGradient(shape: PadShape): Program {
  const vector = isVector(shape);
  const per = vector ? 4 : 1;
  const [n, h, w, c] = shape.input.map((size, axis) => (axis === 3 ? size / per : size)) as number[];
  const [, oh, ow, oc] = shape.output.map((size, axis) => (axis === 3 ? size / per : size)) as number[];
  const { stride } = shape;
  return pointwise({
    label: 'padded shortcut gradient',
    names: ['dy', '>dx'],
    size: n! * h! * w! * c! * per,
    vector,
    body: `let channel = i % ${c}u; let r = i / ${c}u; let column = r % ${w}u; let s = r / ${w}u; let line = s % ${h}u; let image = s / ${h}u;
  if (column % ${stride}u != 0u || line % ${stride}u != 0u) { dx[i] = ${vector ? 'vec4f(0.0)' : '0.0'}; return; }
  dx[i] = dy[((image * ${oh}u + line / ${stride}u) * ${ow}u + column / ${stride}u) * ${oc}u + channel + ${shape.before / per}u];`,
  });
}
