import { fileURLToPath } from 'node:url';
import { type Ended, type MpiFamily, startProcesses } from '@resnet/testing';

/** Runs a program of `programs/` in several processes to its end. */
export const run = (
  family: MpiFamily,
  size: number,
  program: string,
  args: readonly string[] = [],
  env: NodeJS.ProcessEnv = {},
): Promise<Ended> =>
  startProcesses(family, size, [fileURLToPath(new URL(`programs/${program}.mjs`, import.meta.url)), ...args], env)
    .ended;
