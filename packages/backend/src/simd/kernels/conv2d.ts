import type { TensorInfo } from '@tensorflow/tfjs-core';
import type { SimdBackend } from '../backend';
import { allFloat, type SimdKernel } from '../kernel';
import { type ConvPlan, type Epilogue, planConv } from './conv-plan';
import { implicitGemmFilter, implicitGemmForward, implicitGemmInput } from './implicit-gemm';
import { winogradFilter, winogradForward, winogradInput } from './winograd';
import { fitsWinograd } from './winograd-tiling';

const forward = (
  backend: SimdBackend,
  x: TensorInfo,
  filter: TensorInfo,
  plan: ConvPlan,
  epilogue: Epilogue,
): TensorInfo => (fitsWinograd(plan) ? winogradForward : implicitGemmForward)(backend, x, filter, plan, epilogue);

/** tfjs's `Conv2D`. */
export const conv2D: SimdKernel = ({ backend, inputs, attrs }) => {
  const { x, filter } = inputs as { x: TensorInfo; filter: TensorInfo };
  const plan = planConv(x.shape, filter.shape, attrs);
  return plan && allFloat(x, filter) ? forward(backend, x, filter, plan, { relu: false }) : undefined;
};

/** tfjs's `FusedConv2D`, with a bias by channel and relu or no activation. */
export const fusedConv2D: SimdKernel = ({ backend, inputs, attrs }) => {
  const { x, filter, bias } = inputs as { x: TensorInfo; filter: TensorInfo; bias?: TensorInfo };
  const plan = planConv(x.shape, filter.shape, attrs);
  const activation = attrs.activation ?? 'linear';
  const biasFits = !bias || (bias.shape.length === 1 && bias.shape[0] === plan?.k);
  if (!plan || !allFloat(x, filter, bias) || !biasFits || (activation !== 'linear' && activation !== 'relu'))
    return undefined;
  return forward(backend, x, filter, plan, { bias, relu: activation === 'relu' });
};

/** tfjs's `Conv2DBackpropInput`. */
export const conv2DBackpropInput: SimdKernel = ({ backend, inputs, attrs }) => {
  const { dy, filter } = inputs as { dy: TensorInfo; filter: TensorInfo };
  const plan = planConv(attrs.inputShape as number[], filter.shape, attrs);
  if (!plan || !allFloat(dy, filter)) return undefined;
  return fitsWinograd(plan) ? winogradInput(backend, dy, filter, plan) : implicitGemmInput(backend, dy, filter, plan);
};

/** tfjs's `Conv2DBackpropFilter`. */
export const conv2DBackpropFilter: SimdKernel = ({ backend, inputs, attrs }) => {
  const { x, dy } = inputs as { x: TensorInfo; dy: TensorInfo };
  const plan = planConv(x.shape, attrs.filterShape as number[], attrs);
  if (!plan || !allFloat(x, dy)) return undefined;
  return (fitsWinograd(plan) ? winogradFilter : implicitGemmFilter)(backend, x, dy, plan);
};
