import type { Row } from '../../../contract/encode';
import type { ConvPlan } from '../kernels/conv-plan';
import type { Tiling } from '../kernels/winograd-tiling';
import type { Input } from './deferred';

/** What all Winograd passes begin with. */
export const passArguments = (p: ConvPlan, t: Tiling, input: Input): Row<'WinogradPass'> => ({
  x: input.block.pointer,
  height: p.h,
  width: p.w,
  inputs: p.c,
  outHeight: p.oh,
  outWidth: p.ow,
  outputs: p.k,
  padTop: p.top,
  padLeft: p.left,
  stripsPerBlock: t.perBlock,
  strips: t.strips,
  inputMode: input.mode,
  inputFactors: input.factors?.pointer,
  inputOther: input.other?.pointer,
});
