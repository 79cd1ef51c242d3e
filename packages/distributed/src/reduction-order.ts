import type { MpiFamily } from './launcher';

/** How each library is told which algorithm sums, unless the user has told it. */
const settings: Readonly<Record<MpiFamily, readonly [variable: string, value: string]>> = {
  'Open MPI': ['OMPI_MCA_coll_libnbc_iallreduce_algorithm', 'rabenseifner'],
  MPICH: ['MPIR_CVAR_IALLREDUCE_INTRA_ALGORITHM', 'sched_reduce_scatter_allgather'],
};

/**
 * Asks for Rabenseifner's algorithm: halves are summed and exchanged, so that each number is added in one place, in an order that depends on ranks alone, and
 * travels twice whatever their number. Libraries take recursive doubling for arrays shorter than there are processes, whose order is fixed, too. What else a library
 * may choose has a fixed order as well, as long as it chooses by sizes; one that chooses by what arrives first would not.
 */
export function askForAlgorithm(family: MpiFamily): void {
  const [variable, value] = settings[family];
  process.env[variable] ??= value;
}
