import { PickleError } from '../errors';
import { describe, type Global, type PickleValue, Placeholder } from '../pickle/value';
import { storageTypes } from './storage';
import { builders } from './tensor';

const inert = (name: string): Global => ({ name, inert: true, build: () => new Placeholder(name) });

const named = (module: string, names: string): Global[] => names.split(' ').map((name) => inert(`${module}.${name}`));

const builtins =
  'set frozenset list dict tuple int long float complex bool str unicode bytes bytearray object slice range xrange type ' +
  'Ellipsis NotImplemented';
const scalars =
  'bool bool_ int8 int16 int32 int64 intc longlong uint8 uint16 uint32 uint64 uintc ulonglong float16 float32 float64 longdouble ' +
  'complex64 complex128 clongdouble str_ bytes_ void object_ datetime64 timedelta64 finfo iinfo';
const arrays = 'scalar _reconstruct';
const randomStates = '__randomstate_ctor __generator_ctor __bit_generator_ctor';

/** Functions and lower-case classes by which Python, NumPy and PyTorch pickle what lies beside weights. */
const harmless: readonly Global[] = [
  ...named('builtins', builtins),
  ...named('__builtin__', builtins),
  ...named('_codecs', 'encode'), // bytes in protocol 2
  ...named('collections', 'deque'),
  ...named('copyreg', '_reconstructor'),
  ...named('copy_reg', '_reconstructor'),
  ...named('datetime', 'date datetime time timedelta timezone'),
  ...named('types', 'SimpleNamespace'),
  ...named('numpy', `dtype ndarray ${scalars}`),
  ...named('numpy.ma.core', '_mareconstruct'),
  ...named('numpy.core.multiarray', arrays),
  ...named('numpy._core.multiarray', arrays),
  ...named('numpy.core.numeric', '_frombuffer'),
  ...named('numpy._core.numeric', '_frombuffer'),
  ...named('numpy.random._pickle', randomStates),
  ...named('numpy.random.bit_generator', '__pyx_unpickle_SeedSequence'),
  ...named('torch', 'device Size Generator bool uint8 int8 int16 int32 int64 half float16 bfloat16 float32 float64'),
  ...named('torch', 'complex64 complex128 contiguous_format channels_last preserve_format strided'),
  ...named('torch.serialization', '_get_layout'),
];

/** How Python 3.11 pickles a member of an enumeration: an attribute of a class that is none of ours, by a plain name. */
const member = ([type, name, ...others]: readonly PickleValue[]): Placeholder => {
  const isPlain = typeof name === 'string' && /^[A-Za-z]\w*$/.test(name) && others.length === 0;
  if (isPlain && isGlobal(type) && type.inert) return new Placeholder(type.name);
  throw new PickleError(
    `readWeights: a pickle of weights must not get attributes of ${describe(type)}. Do not trust the file.`,
  );
};

const isGlobal = (value: PickleValue): value is Global =>
  typeof value === 'object' && value !== null && 'name' in value;

const known: ReadonlyMap<string, Global> = new Map(
  [
    ...storageTypes,
    ...builders,
    ...harmless,
    { name: 'builtins.getattr', build: member },
    { name: '__builtin__.getattr', build: member },
  ].map((global) => [global.name, global]),
);

/** Modules that reach the system, run code or load more of it. A checkpoint that mentions one is an attack, or shares its means. */
const dangerous: ReadonlySet<string> = new Set(
  (
    'os posix nt posixpath ntpath sys builtins __builtin__ subprocess _posixsubprocess commands shutil socket ssl select ' +
    'importlib _frozen_importlib imp runpy zipimport pkgutil pickle _pickle cPickle pickletools dill cloudpickle joblib shelve marshal ' +
    'code codeop compileall ast dis inspect types operator _operator functools itertools gc ctypes _ctypes cffi ' +
    'pty tty webbrowser asyncio multiprocessing threading _thread concurrent signal atexit platform pdb bdb timeit trace ' +
    'profile cProfile doctest unittest pytest pydoc pip venv ensurepip setuptools distutils site idlelib lib2to3 turtle tkinter ' +
    'http urllib urllib2 httplib requests aiohttp ftplib smtplib telnetlib poplib imaplib xmlrpc tempfile io _io fileinput glob ' +
    'sqlite3 logging linecache readline rlcompleter sched test nose'
  ).split(' '),
);

/** As Python names classes; a dotted name is a class inside a class. */
const isClass = (name: string): boolean => /^_*[A-Z]\w*(\._*[A-Z]\w*)*$/.test(name);

/**
 * What a name in a file of weights stands for: tensors and dicts, or a placeholder for an object that weights do without. Functions
 * are not looked for, and nothing is called: a file that would call one in Python is refused.
 *
 * @throws PickleError naming what is refused.
 */
export function global(module: string, name: string): Global {
  const found = module.length + name.length <= longestName ? knownGlobal(module, name) : null;
  if (found) return found;
  throw new PickleError(
    `readWeights: a pickle of weights must not use the global ${JSON.stringify(`${module}.${name}`.slice(0, 100))}. ` +
      (isDangerous(module) ? 'Do not trust the file.' : 'Save its state_dict() alone again.'),
  );
}

/** A name of a megabyte could be looked at a million times. */
const longestName = 400;

function knownGlobal(module: string, name: string): Global | null {
  const full = `${module}.${name}`;
  const found = known.get(full);
  if (found) return found;
  return module !== '' && !isDangerous(module) && isClass(name) ? inert(full) : null;
}

const isDangerous = (module: string): boolean =>
  dangerous.has(module.slice(0, longestName).split('.', 1)[0]!) || module.startsWith('torch.package');
