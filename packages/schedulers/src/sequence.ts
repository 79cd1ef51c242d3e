import { checkStep, type Json, type Schedule } from './schedule';
import { check, checkMilestones } from './schedule-error';
import { fields, mismatch, numberIn, restorePart, stateOf } from './state';

/** Options of {@link sequence}. */
export interface SequenceOptions {
  /** The schedules, in order. The sequence owns them: do not share them between sequences. */
  schedules: readonly Schedule[];
  /** The first step of each schedule after the first, rising. */
  milestones: readonly number[];
}

/**
 * One schedule after the other; each counts its steps from its own start. Measurements go to the one that gave the latest
 * rate. PyTorch's `SequentialLR`.
 */
export function sequence({ schedules, milestones }: SequenceOptions): Schedule {
  checkMilestones('sequence', milestones);
  const [parts, starts] = [[...schedules], [0, ...milestones]];
  const must = `needs one schedule more than its ${milestones.length} milestones`;
  check(parts.length === starts.length, 'sequence', must, parts.length, 'A milestone is where the next one starts.');
  let latest = 0;
  const indexAt = (step: number) => starts.findLastIndex((start) => step >= start);
  return {
    metrics: [...new Set(parts.flatMap((part) => part.metrics ?? []))],
    rate(step) {
      latest = checkStep(step);
      const index = indexAt(step);
      return parts[index]!.rate(step - starts[index]!);
    },
    observe: (metrics) => parts[indexAt(latest)]!.observe?.(metrics),
    state: () => ({ latest, parts: parts.map(stateOf) }),
    restore(state) {
      const saved = fields('sequence', state);
      const states = partStates(saved, parts.length);
      latest = numberIn('sequence', saved, 'latest');
      parts.forEach((part, i) => {
        restorePart('sequence', part, states[i]);
      });
    },
  };
}

function partStates(saved: { [key: string]: Json }, count: number): Json[] {
  if (Array.isArray(saved.parts) && saved.parts.length === count) return saved.parts;
  throw mismatch('sequence', saved);
}
