/** A family of MPI libraries whose programs are binary compatible. MVAPICH, Intel's and Cray's count as MPICH. */
export type MpiFamily = 'Open MPI' | 'MPICH';

/** Who started this process as one of several. */
export interface Launcher {
  /** The program. */
  readonly name: string;
  /** Which library its processes have to load. */
  readonly family: MpiFamily;
  /** How many processes it says to have started; null where it does not say. */
  readonly size: number | null;
  /** The environment variable that tells. */
  readonly variable: string;
}

/** Variables that launchers set for each process, the most telling first. */
const signs: readonly (Omit<Launcher, 'size'> & { readonly sizes: readonly string[] })[] = [
  {
    variable: 'OMPI_COMM_WORLD_RANK',
    name: "Open MPI's mpirun",
    family: 'Open MPI',
    sizes: ['OMPI_COMM_WORLD_SIZE'],
  },
  {
    variable: 'PMIX_RANK',
    name: 'srun --mpi=pmix or prterun',
    family: 'Open MPI',
    sizes: ['SLURM_STEP_NUM_TASKS'],
  },
  {
    variable: 'PMI_RANK',
    name: "MPICH's mpiexec or srun --mpi=pmi2",
    family: 'MPICH',
    sizes: ['PMI_SIZE', 'SLURM_STEP_NUM_TASKS'],
  },
  { variable: 'MPI_LOCALRANKID', name: "MPICH's mpiexec", family: 'MPICH', sizes: [] },
];

/** Who started this process as one of several, by the environment; null where nobody did. */
export function findLauncher(env: NodeJS.ProcessEnv = process.env): Launcher | null {
  const found = signs.find(({ variable }) => env[variable] !== undefined);
  if (!found) return null;
  const { sizes, ...launcher } = found;
  const size = sizes.map((name) => Number(env[name])).find((value) => Number.isInteger(value) && value > 0);
  return { ...launcher, size: size ?? null };
}
