import { multistep, type Schedule } from '@resnet/schedulers';

/** Divides a rate by ten. */
export const example = () => {
  const schedule: Schedule = multistep({ base: 0.1, milestones: [2] });
  return [1, 2].map((step) => schedule.rate(step).toFixed(3));
};
