import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { checkResnet } from './check-resnet';
import { type ShellCommand, shellCommands } from './shell-command';

/** Where commands of a document are typed. */
export interface Place {
  /** The repository. */
  readonly root: string;
  /** Holds the files that the document has its reader write. */
  readonly folder: string;
}

/** Shell words that need no check of ours. */
const plain = new Set(['cd', 'mkdir', 'git', 'ls', 'cat', 'source', 'export', 'tsc', 'vitest']);

/**
 * Checks that a command of a document could be typed as it stands: `resnet` knows its options, scripts and packages exist.
 *
 * @throws Error saying what is wrong, also for a command that has no check.
 */
export async function checkCommand([program = '', ...args]: ShellCommand, place: Place): Promise<void> {
  if (plain.has(program)) return;
  if (program === 'resnet') return checkResnet(args, place.folder);
  if (program === 'npx') return checkNpx(args, place);
  if (program === 'npm') return checkNpm(args, place);
  if (program === 'node') return checkNode(args, place);
  throw new Error(`'${program}' has no check. Add one to tools/documentation/check-command.ts.`);
}

async function checkNpx([program = '', ...args]: ShellCommand, place: Place): Promise<void> {
  if (program === 'resnet') return checkResnet(args, place.folder);
  must(existsSync(join(place.root, 'node_modules/.bin', program)), `npx ${program}: no such command is installed`);
}

async function checkNpm([command = '', ...args]: ShellCommand, place: Place): Promise<void> {
  switch (command) {
    case 'ci':
      return;
    case 'i':
    case 'install':
      return checkPackages(args, place);
    case 'run':
      return checkScript(args, place);
    case 'start':
    case 'test':
      return checkScript([command, ...args], place);
    default:
      throw new Error(`npm ${command} has no check. Add one to tools/documentation/check-command.ts.`);
  }
}

interface Manifest {
  readonly name: string;
  readonly scripts?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
}

const manifestOf = (folder: string): Manifest => JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));

/** Packages exist if they are installed here, or are optional ones that a package of ours names as its peer. */
function checkPackages(args: ShellCommand, { root }: Place): void {
  const optional = manifestOf(join(root, 'packages/backend')).peerDependencies ?? {};
  for (const name of args.filter((word) => !word.startsWith('-'))) {
    const known = existsSync(join(root, 'node_modules', name, 'package.json')) || name in optional;
    must(known, `npm install ${name}: no such package is known here`);
  }
}

/** `npm run name [-w folder] [-- args]`: the script exists, and its last command takes the arguments. */
async function checkScript([name = '', ...rest]: ShellCommand, { root, folder }: Place): Promise<void> {
  const [own, passed] = split(rest, '--');
  const at = own.indexOf('-w');
  const home = at < 0 ? root : resolve(root, own[at + 1] ?? '');
  must(existsSync(join(home, 'package.json')), `npm run ${name}: ${home} is no package`);
  const script = manifestOf(home).scripts?.[name];
  if (script === undefined) throw new Error(`npm run ${name}: ${manifestOf(home).name} has no such script`);
  const last = shellCommands(script).at(-1)!;
  if (passed.length > 0) await checkCommand([...last, ...passed], { root: home, folder });
}

/** The file exists, and takes the options it is given, as far as its text tells. */
function checkNode(args: ShellCommand, { root, folder }: Place): void {
  const [file, ...rest] = args.slice(args.findIndex((word) => !word.startsWith('-')));
  const path = [resolve(folder, file!), resolve(root, file!)].find((candidate) => existsSync(candidate));
  if (path === undefined) throw new Error(`node ${file}: no such file`);
  const text = readFileSync(path, 'utf8');
  for (const option of rest.filter((word) => word.startsWith('--'))) {
    must(new RegExp(`(?<![\\w-])(--)?${option.slice(2)}(?![\\w-])`).test(text), `node ${file}: takes no ${option}`);
  }
}

function split(words: ShellCommand, mark: string): [ShellCommand, ShellCommand] {
  const at = words.indexOf(mark);
  return at < 0 ? [words, []] : [words.slice(0, at), words.slice(at + 1)];
}

function must(holds: boolean, message: string): void {
  if (!holds) throw new Error(message);
}
