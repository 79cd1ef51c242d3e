import { arch, cpus, platform, totalmem } from 'node:os';

/** What a finished run says of itself; `result.json`. Errors are fractions; null is what was not measured. */
export interface RunResult {
  model: string;
  shortcut: string;
  parameters: number;
  steps: number;
  seed: number;
  trainLoss: number | null;
  trainError: number | null;
  validationError: number | null;
  testError: number | null;
  testTop5Error: number | null;
  secondsPerStep: number | null;
  imagesPerSecond: number | null;
  backend: string;
  hardware: string;
}

/** The machine in one line. */
export const hardware = (): string => {
  const [cpu] = cpus();
  const memory = Math.round(totalmem() / 2 ** 30);
  return `${cpu?.model.trim() ?? 'unknown CPU'}, ${cpus().length} cores, ${memory} GiB, ${platform()} ${arch()}, Node ${process.versions.node}`;
};
