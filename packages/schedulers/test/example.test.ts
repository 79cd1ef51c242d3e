import { multistep, warmupUntil } from '@resnet/schedulers';
import { expect, it } from 'vitest';

it("the README's example", () => {
  const make = () =>
    warmupUntil({ rate: 0.01, below: 0.8, next: multistep({ base: 0.1, milestones: [32_000, 48_000] }) });

  const schedule = make();
  const rates: number[] = [];
  for (let step = 0; step < 3; step++) {
    rates.push(schedule.rate(step)); // give it to any optimizer and take the step, then say how it went:
    schedule.observe?.({ trainError: 0.9 - 0.06 * step });
  }
  const saved = JSON.stringify(schedule.state?.());

  const resumed = make();
  resumed.restore?.(JSON.parse(saved));
  rates.push(resumed.rate(3));

  expect(rates).toEqual([0.01, 0.01, 0.01, 0.1]);
});
