import koffi, { type LibraryHandle } from 'koffi';
import { type Abi, mpichAbi, openMpiAbi } from './abi';
import { DistributedError } from './errors';
import type { Launcher, MpiFamily } from './launcher';

/** A loaded MPI library. */
export interface Library {
  readonly handle: LibraryHandle;
  readonly abi: Abi;
  /** File that was loaded, as the loader was asked for it. */
  readonly file: string;
  /** The first line of what it says of itself, as `Open MPI v4.1.4`. */
  readonly version: string;
}

/** Files by which each family's library goes: with its ABI's number first, which an installation without headers has, too. */
const files: Readonly<Record<MpiFamily, readonly string[]>> = {
  'Open MPI': ['libmpi.so.40', 'libmpi.40.dylib', 'libmpi.so', 'libmpi.dylib'],
  MPICH: ['libmpich.so.12', 'libmpi.so.12', 'libmpi.12.dylib', 'libmpich.so', 'libmpi.so', 'libmpi.dylib'],
};

/**
 * Loads the library that belongs to a launcher: the first file whose own version says that it is of that family, since `libmpi.so` may be any's.
 *
 * @param file Loads this one, whatever it is.
 * @throws DistributedError where there is none.
 */
export function loadLibrary({ family, name, variable }: Launcher, file?: string): Library {
  const tried: string[] = [];
  for (const candidate of file === undefined ? files[family] : [file]) {
    const found = tryToLoad(candidate);
    if (typeof found === 'string') tried.push(`${candidate} (${found})`);
    else if (file !== undefined || found.abi.family === family) return found;
    else tried.push(`${candidate} (${found.version})`);
  }
  throw new DistributedError(
    `mpi: ${family}'s library must be there, since ${name} started this process (${variable} is set), got ${tried.join(', ')}. ` +
      `${advice[family]} Without MPI: start the program without mpirun.`,
  );
}

const advice: Readonly<Record<MpiFamily, string>> = {
  'Open MPI':
    'Install openmpi-bin (Debian, Ubuntu), openmpi (Fedora, Homebrew), or set RESNET_MPI_LIBRARY to its file.',
  MPICH: 'Install mpich (Debian, Ubuntu, Fedora, Homebrew), or set RESNET_MPI_LIBRARY to its file.',
};

/** The library, or why it cannot be used. */
function tryToLoad(file: string): Library | string {
  let handle: LibraryHandle;
  try {
    // Global, since Open MPI's own plugins look for its symbols.
    handle = koffi.load(file, { global: true });
  } catch (error) {
    return error instanceof Error && /no such file|cannot open shared/i.test(error.message) ? 'not found' : `${error}`;
  }
  try {
    const version = versionOf(handle);
    return { handle, abi: /open mpi/i.test(version) ? openMpiAbi(handle) : mpichAbi, file, version };
  } catch (error) {
    return `no MPI: ${error instanceof Error ? error.message : error}`;
  }
}

const maxVersion = 8192;

function versionOf(handle: LibraryHandle): string {
  const text = Buffer.alloc(maxVersion);
  const length = new Int32Array(1);
  handle.func('MPI_Get_library_version', 'int', ['void *', 'void *'])(text, length);
  const [first = ''] = text.toString('latin1', 0, length[0]).split(/[,\n\0]/);
  return first
    .replace(/\s+/g, ' ')
    .replace(/^MPICH Version: /, 'MPICH ')
    .trim();
}
