import { type Schedule, schedule } from './schedule';
import { checkFactor, checkMilestones, checkRate } from './schedule-error';

/** Options of {@link multistep}. */
export interface MultistepOptions {
  /** The first rate. */
  base: number;
  /** The first steps to use the next lower rate, rising. */
  milestones: readonly number[];
  /** Multiplies the rate at each milestone. Default: 0.1. */
  factor?: number;
}

/**
 * Multiplies the rate by `factor` at each milestone. PyTorch's `MultiStepLR`.
 *
 * The paper's CIFAR-10 schedule (He et al. 2015, §4.2) is `multistep({ base: 0.1, milestones: [32_000, 48_000] })`.
 */
export function multistep({ base, milestones, factor = 0.1 }: MultistepOptions): Schedule {
  checkRate('multistep', 'base', base);
  checkMilestones('multistep', milestones);
  checkFactor('multistep', factor);
  const cuts = [...milestones];
  return schedule((step) => base * factor ** cuts.filter((cut) => step >= cut).length);
}
