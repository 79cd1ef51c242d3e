import { describe, expect, it } from 'vitest';
import { findLauncher } from '../src/launcher';
import { loadLibrary } from '../src/library';
import { threadsOf } from '../src/threads';
import { mpi } from '../src/world';

describe('findLauncher', () => {
  it.each([
    [{ OMPI_COMM_WORLD_RANK: '1', OMPI_COMM_WORLD_SIZE: '4', PMIX_RANK: '1' }, 'Open MPI', 4],
    [{ PMIX_RANK: '0', SLURM_STEP_NUM_TASKS: '2' }, 'Open MPI', 2],
    [{ PMIX_RANK: '0' }, 'Open MPI', null],
    [{ PMI_RANK: '3', PMI_SIZE: '8' }, 'MPICH', 8],
    [{ MPI_LOCALRANKID: '0' }, 'MPICH', null],
  ])('tells the family and size by %o', (env, family, size) => {
    expect(findLauncher(env)).toMatchObject({ family, size });
  });

  it('finds none in an array job of Slurm, whose tasks are programs of their own', () => {
    expect(findLauncher({ SLURM_PROCID: '0', SLURM_NTASKS: '1', SLURM_ARRAY_TASK_ID: '3' })).toBeNull();
  });
});

describe('mpi', () => {
  it('says how to start a program that nobody started as one of several', async () => {
    await expect(mpi()).rejects.toThrow(/must be started by MPI, as mpirun -n 4 .* leave mpi\(\) out/);
  });

  it('says what to install where there is no library, and how to run without', () => {
    const launcher = {
      name: "Open MPI's mpirun",
      family: 'Open MPI',
      size: 2,
      variable: 'OMPI_COMM_WORLD_RANK',
    } as const;
    expect(() => loadLibrary(launcher, 'libnone.so.1')).toThrow(
      /Open MPI's library must be there.*OMPI_COMM_WORLD_RANK is set.*libnone\.so\.1 \(not found\).*Install openmpi-bin.*Without MPI: start the program without mpirun/,
    );
  });

  it('refuses a library that is none of MPI', () => {
    const launcher = { name: 'mpiexec', family: 'MPICH', size: 2, variable: 'PMI_RANK' } as const;
    const libc = process.platform === 'darwin' ? 'libSystem.dylib' : 'libc.so.6';
    expect(() => loadLibrary(launcher, libc)).toThrow(/no MPI: .*Install mpich/);
  });
});

describe('threadsOf', () => {
  const on = (host: string, cpus: string) => ({ host, pid: 1, cpus });

  it('shares the cores of a host among its processes', () => {
    const members = [on('a', '0-7'), on('a', '0-7'), on('b', '0-7')];
    expect(threadsOf(members, 0, 8)).toEqual({ count: 4, sharing: 2, oversubscribed: false });
    expect(threadsOf(members, 2, 8)).toEqual({ count: 8, sharing: 1, oversubscribed: false });
  });

  it('gives a process that its launcher bound to cores all of them', () => {
    expect(threadsOf([on('a', '0-3'), on('a', '4-7')], 1, 4)).toEqual({ count: 4, sharing: 1, oversubscribed: false });
  });

  it('tells where there are more processes than cores', () => {
    expect(threadsOf([on('a', '0-1'), on('a', '0-1'), on('a', '0-1')], 0, 2)).toEqual({
      count: 1,
      sharing: 3,
      oversubscribed: true,
    });
  });
});
