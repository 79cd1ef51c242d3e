import { spawn, spawnSync } from 'node:child_process';

/** A family of MPI libraries. */
export type MpiFamily = 'Open MPI' | 'MPICH';

/** What starts processes of each family here: Debian has both side by side. */
const commands: Readonly<Record<MpiFamily, { names: readonly string[]; says: RegExp; flags: readonly string[] }>> = {
  'Open MPI': { names: ['mpirun.openmpi', 'mpirun'], says: /open ?mpi|open-mpi/i, flags: ['--oversubscribe'] },
  MPICH: { names: ['mpirun.mpich', 'mpirun'], says: /hydra|mpich/i, flags: [] },
};

/** The command that starts processes of a family; undefined where it is not installed. */
function launcherOf(family: MpiFamily): string | undefined {
  const { names, says } = commands[family];
  return names.find((name) => {
    const { stdout, status } = spawnSync(name, ['--version'], { encoding: 'utf8', env });
    return status === 0 && says.test(stdout);
  });
}

/** Open MPI asks twice before it runs as root, as in containers. */
const env = { ...process.env, OMPI_ALLOW_RUN_AS_ROOT: '1', OMPI_ALLOW_RUN_AS_ROOT_CONFIRM: '1' };

/** How a job ended. */
export interface Ended {
  /** Exit code of the launcher; null after a signal. */
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
  /** From the start to the end. */
  readonly seconds: number;
}

/** A job that runs. */
export interface Job {
  /** Both streams so far. */
  output(): string;
  kill(signal: NodeJS.Signals): void;
  readonly ended: Promise<Ended>;
}

/**
 * Starts a program of Node in several processes.
 *
 * @param program Its path and arguments.
 * @param more Environment beside this process's own.
 */
export function startProcesses(
  family: MpiFamily,
  size: number,
  program: readonly string[],
  more: NodeJS.ProcessEnv = {},
): Job {
  const began = performance.now();
  const flags = ['-n', `${size}`, ...commands[family].flags, process.execPath, ...program];
  const child = spawn(launcherOf(family) ?? 'mpirun', flags, {
    env: { ...env, ...more },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let [stdout, stderr] = ['', ''];
  child.stdout.on('data', (data) => {
    stdout += data;
  });
  child.stderr.on('data', (data) => {
    stderr += data;
  });
  return {
    output: () => stdout + stderr,
    kill: (signal) => child.kill(signal),
    ended: new Promise((resolve) => {
      child.on('close', (code) => resolve({ code, stdout, stderr, seconds: (performance.now() - began) / 1000 }));
    }),
  };
}

/** Both families, and what to say where one is not tested. */
export const mpiFamilies = (['Open MPI', 'MPICH'] as const).map((family) => ({
  family,
  missing: launcherOf(family) === undefined,
  hint: family === 'Open MPI' ? 'install openmpi-bin if this is skipped' : 'install mpich if this is skipped',
}));
