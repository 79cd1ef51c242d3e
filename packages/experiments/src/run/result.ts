import { arch, cpus, platform, totalmem } from 'node:os';
import { z } from 'zod';

const measured = z.number().nullable();

/** What a finished run says of itself; `result.json`. Errors are fractions; null is what was not measured. */
export const resultSchema = z.object({
  model: z.string(),
  shortcut: z.string(),
  parameters: z.number(),
  steps: z.number(),
  seed: z.number(),
  trainLoss: measured,
  trainError: measured,
  validationError: measured,
  testError: measured,
  testTop5Error: measured,
  secondsPerStep: measured,
  imagesPerSecond: measured,
  backend: z.string(),
  hardware: z.string(),
});

/** What `result.json` holds. */
export type RunResult = z.infer<typeof resultSchema>;

/** The machine in one line. */
export const hardware = (): string => {
  const [cpu] = cpus();
  const memory = Math.round(totalmem() / 2 ** 30);
  return `${cpu?.model.trim() ?? 'unknown CPU'}, ${cpus().length} cores, ${memory} GiB, ${platform()} ${arch()}, Node ${process.versions.node}`;
};
