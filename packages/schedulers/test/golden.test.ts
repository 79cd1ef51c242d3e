import {
  cosine,
  exponential,
  multistep,
  oneCycle,
  plateau,
  polynomial,
  restarts,
  stepDecay,
  warmup,
} from '@resnet/schedulers';
import { describe, expect, it } from 'vitest';
import { expectClose, golden, rates, ratesWhile } from './golden';

const boundaries = { base: 0.1, milestones: [32, 48] };

describe('agrees with PyTorch 1.13', () => {
  it.each([
    ['step', stepDecay({ base: 0.1, every: 30 })],
    ['multistep', multistep(boundaries)],
    ['exponential', exponential({ base: 0.1, factor: 0.95 })],
    ['cosine', cosine({ base: 0.1, steps: 50, min: 0.001 })],
    ['cosine_restarts', restarts({ base: 0.1, steps: 10, multiplier: 2 })],
    ['linear_warmup_then_multistep', warmup({ steps: 5, from: 0.1, next: multistep(boundaries) })],
    ['polynomial', polynomial({ base: 0.1, steps: 40, power: 2 })],
    ['one_cycle', oneCycle({ maxRate: 0.4, steps: 50 })],
  ])('%s', (name, schedule) => {
    const expected = golden[name]!.lr;
    expectClose(rates(schedule, expected.length), expected);
  });

  it.each(golden.plateau)('plateau $options', ({ base, options, metrics, lr, next }) => {
    const schedule = plateau({
      base,
      mode: options.mode,
      factor: options.factor,
      patience: options.patience,
      threshold: options.threshold === undefined ? undefined : Number(options.threshold),
      thresholdMode: options.threshold_mode === 'abs' ? 'abs' : 'rel',
      cooldown: Number(options.cooldown ?? 0),
      min: Number(options.min_lr ?? 0),
    });
    expectClose(ratesWhile(schedule, 'validationLoss', metrics), [...lr, next]);
  });
});

// The values below come from the same PyTorch, for options that the golden file leaves out.
describe('options that the golden file leaves out', () => {
  it('one-cycle along lines', () => {
    const schedule = oneCycle({
      maxRate: 1,
      steps: 10,
      pctStart: 0.5,
      divFactor: 4,
      finalDivFactor: 10,
      annealStrategy: 'linear',
    });
    expectClose(rates(schedule, 10), [0.25, 0.4375, 0.625, 0.8125, 1, 0.805, 0.61, 0.415, 0.22, 0.025]);
  });

  it('one-cycle in three phases', () => {
    const schedule = oneCycle({
      maxRate: 1,
      steps: 11,
      pctStart: 0.4,
      divFactor: 4,
      finalDivFactor: 10,
      threePhase: true,
    });
    expectClose(
      rates(schedule, 11),
      [
        0.25, 0.39901201135777886, 0.7276236212770308, 0.9746770860266334, 0.9438314258986054, 0.6596006347987385,
        0.347871656042253, 0.24783834404536342, 0.18055188614107265, 0.07499834878529478, 0.025,
      ],
    );
  });

  it('restarts of equal length', () => {
    const cycle = [1, 0.8681980515339464, 0.55, 0.23180194846605365];
    expectClose(rates(restarts({ base: 1, steps: 4, min: 0.1 }), 9), [...cycle, ...cycle, 1]);
  });

  const metrics = [
    1, 0.9, 0.9, 0.95, 0.8, 0.85, 0.85, 0.85, 0.9, 0.7, 0.75, 0.75, 0.75, 0.75, 0.69, 0.69, 0.69, 0.69, 0.69, 0.69,
  ];
  const times = (count: number, rate: number): number[] => Array.from({ length: count }, () => rate);

  it('plateau: max, an absolute threshold, cooldown and a lowest rate', () => {
    const schedule = plateau({
      base: 0.1,
      mode: 'max',
      factor: 0.5,
      patience: 1,
      threshold: 0.02,
      thresholdMode: 'abs',
      cooldown: 1,
      min: 0.01,
    });
    const expected = [...times(3, 0.1), ...times(3, 0.05), ...times(3, 0.025), ...times(3, 0.0125), ...times(9, 0.01)];
    expectClose(ratesWhile(schedule, 'validationLoss', metrics), expected);
  });

  it('plateau: no patience, a large threshold, a long cooldown', () => {
    const schedule = plateau({ base: 0.1, factor: 0.5, patience: 0, threshold: 0.1, cooldown: 3 });
    const expected = [
      ...times(2, 0.1),
      ...times(4, 0.05),
      ...times(5, 0.025),
      ...times(4, 0.0125),
      ...times(4, 0.00625),
      ...times(2, 0.003125),
    ];
    expectClose(ratesWhile(schedule, 'validationLoss', metrics), expected);
  });

  it('plateau: cuts that change too little are not made', () => {
    const schedule = plateau({ base: 0.1, patience: 1, eps: 5e-3 });
    expectClose(ratesWhile(schedule, 'validationLoss', metrics), [
      ...times(4, 0.1),
      ...times(3, 0.01),
      ...times(14, 0.001),
    ]);
  });

  it('plateau: max, relative, a lowest rate', () => {
    const schedule = plateau({ base: 0.1, mode: 'max', factor: 0.25, patience: 2, threshold: 0.05, min: 0.02 });
    expectClose(ratesWhile(schedule, 'validationLoss', metrics), [
      ...times(4, 0.1),
      ...times(3, 0.025),
      ...times(14, 0.02),
    ]);
  });

  it('plateau: NaN and infinity are no improvement', () => {
    const schedule = plateau({ base: 0.1, factor: 0.5, patience: 1 });
    const seen = ratesWhile(schedule, 'validationLoss', [1, Number.NaN, Infinity, 0.5, Number.NaN, 0.4, 0.4]);
    expect(seen).toEqual([...times(3, 0.1), ...times(5, 0.05)]);
  });
});
