import { bottleneck } from './bottleneck';
import { degradation } from './degradation';
import { evaluation } from './evaluation';
import { gradientFlow } from './gradient-flow';
import { learningRate } from './learning-rate';
import { pooling } from './pooling';
import { residuals } from './residuals';
import { responses } from './responses';
import { shortcuts } from './shortcuts';
import type { Study } from './study';

/** Every study: the paper's figures and the slide deck's questions. */
export const studies: readonly Study[] = [
  degradation,
  responses,
  gradientFlow,
  residuals,
  shortcuts,
  bottleneck,
  learningRate,
  pooling,
  evaluation,
];
