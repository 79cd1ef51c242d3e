import type { LibraryHandle } from 'koffi';
import type { MpiFamily } from './launcher';

/** A communicator, data type, operation or error handler: a pointer or a number. */
export type Handle = unknown;

/** What `mpi.h` of a family compiles into programs. */
export interface Abi {
  readonly family: MpiFamily;
  /** The C type of handles. */
  readonly handle: 'void *' | 'int';
  readonly world: Handle;
  readonly byte: Handle;
  readonly float: Handle;
  readonly double: Handle;
  readonly sum: Handle;
  readonly errorsReturn: Handle;
  /** `MPI_IN_PLACE`, an address. */
  readonly inPlace: number;
  readonly anySource: number;
  /** Where `MPI_Status` has source and tag, in words of four bytes. */
  readonly status: { readonly source: number; readonly tag: number };
}

/** Handles are the addresses of objects in the library. `openmpi/mpi.h`, 3 to 5. */
export function openMpiAbi(library: LibraryHandle): Abi {
  const object = (name: string): Handle => library.symbol(`ompi_mpi_${name}`);
  return {
    family: 'Open MPI',
    handle: 'void *',
    world: object('comm_world'),
    byte: object('byte'),
    float: object('float'),
    double: object('double'),
    sum: object('op_sum'),
    errorsReturn: object('errors_return'),
    inPlace: 1,
    anySource: -1,
    status: { source: 0, tag: 1 },
  };
}

/** Handles are numbers. `mpich/mpi.h`; all who take part in the MPICH ABI initiative have the same. */
export const mpichAbi: Abi = {
  family: 'MPICH',
  handle: 'int',
  world: 0x44000000,
  byte: 0x4c00010d,
  float: 0x4c00040a,
  double: 0x4c00080b,
  sum: 0x58000003,
  errorsReturn: 0x54000001,
  inPlace: -1,
  anySource: -2,
  status: { source: 2, tag: 3 },
};
