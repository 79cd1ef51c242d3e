import { findLauncher, mpi } from '@resnet/distributed';

/** Who would have started this process, and what it says where nobody did. */
export const example = async () => {
  const refused = await mpi().catch((error: Error) => error.message);
  return [
    findLauncher({ OMPI_COMM_WORLD_RANK: '0', OMPI_COMM_WORLD_SIZE: '2' })?.family,
    String(refused).includes('must be started by MPI'),
  ];
};
