import type { EndEvent, EvaluationEvent, StartEvent, StepEvent, TrainEvent } from '@resnet/trainer';

/** Fabricated events: what a run of `steps` might report, a validation every `every` steps. */

export const start = (step = 0, more: Partial<StartEvent> = {}): StartEvent => ({
  type: 'start',
  step,
  steps: 100,
  epoch: 0,
  parameters: 10,
  evaluationPending: false,
  ...(step > 0 ? { resumedFrom: `step-${step}` } : {}),
  ...more,
});

export const step = (step: number, more: Partial<StepEvent> = {}): StepEvent => ({
  type: 'step',
  step,
  epoch: 0,
  batch: step - 1,
  images: 8,
  loss: 1 / step,
  error: 0.5,
  meanLoss: 1 / 3,
  meanError: 0.25,
  rate: 0.1,
  seconds: Math.random(),
  secondsForData: Math.random(),
  ...more,
});

export const validation = (step: number, more: Partial<EvaluationEvent> = {}): EvaluationEvent => ({
  type: 'evaluation',
  split: 'validation',
  step,
  epoch: 0,
  images: 100,
  loss: 2 / step,
  error: 1 / 7,
  top5Error: 0,
  seconds: Math.random(),
  best: false,
  ...more,
});

export const checkpoint = (step: number): TrainEvent => ({
  type: 'checkpoint',
  step,
  name: `step-${step}`,
  bytes: 1000,
  best: false,
  seconds: 0.1,
});

export const end = (step: number, more: Partial<EndEvent> = {}): EndEvent => ({
  type: 'end',
  step,
  epoch: 0,
  reason: 'finished',
  trainLoss: 0.1,
  trainError: 0.2,
  secondsPerStep: 0.1,
  imagesPerSecond: 80,
  seconds: 10,
  ...more,
});

/** Steps `from`…`to`, with a validation after every fifth. */
export const stretch = (from: number, to: number): TrainEvent[] =>
  Array.from({ length: to - from + 1 }, (_, i) => from + i).flatMap((n) => [
    step(n),
    ...(n % 5 === 0 ? [validation(n)] : []),
  ]);
