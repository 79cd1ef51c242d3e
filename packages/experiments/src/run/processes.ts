import type { DataParallel } from '@resnet/distributed';
import { UsageError } from '../errors';
import type { OnNote } from '../note';

/** What MPI's launchers set for each of their processes. */
const signs = ['OMPI_COMM_WORLD_RANK', 'PMIX_RANK', 'PMI_RANK', 'MPI_LOCALRANKID'];

/**
 * Joins the processes that `mpirun`, `mpiexec` or `srun` started, if one of them started this process.
 *
 * @param onNote Receives who they are and what they compute with, on rank 0.
 * @returns Null for a process of its own.
 * @throws UsageError where `@resnet/distributed` is not installed; its own error where MPI's library is not.
 */
export async function joinProcesses(onNote: OnNote = () => {}): Promise<DataParallel | null> {
  if (!signs.some((name) => process.env[name] !== undefined)) return null;
  const { dataParallel, mpi } = await load();
  const parallel = dataParallel(await mpi());
  if (parallel.rank === 0) for (const line of linesOf(parallel)) onNote(line);
  return parallel;
}

async function load(): Promise<typeof import('@resnet/distributed')> {
  try {
    return await import('@resnet/distributed');
  } catch (cause) {
    throw new UsageError(
      'mpi: @resnet/distributed must be installed where mpirun starts the program, got none. npm install @resnet/distributed, or start it without mpirun.',
      {},
      { cause },
    );
  }
}

function linesOf({ world, threads }: DataParallel): string[] {
  const { version, file, why } = world.library;
  const places = world.members.map(({ host, pid }, rank) => `${rank} ${host}:${pid}`);
  return [
    `processes: ${world.size} by ${version} (${file}; ${why})`,
    `ranks: ${places.join(', ')}`,
    ...(threads.oversubscribed
      ? [
          `threads: ${threads.sharing} processes share fewer cores, and each waits for the others. Start as many as there are cores, or fewer.`,
        ]
      : []),
  ];
}
