import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readManifest } from '../packages';

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
const tsc = createRequire(import.meta.url).resolve('typescript/bin/tsc');

interface Locked {
  readonly link?: boolean;
}

/**
 * The lockfile of a new project: other people's packages as this repository has them. So an installation takes the versions that were
 * tested, from npm's cache where `npm ci` left them.
 */
export function lockfile(name: string) {
  const { packages } = JSON.parse(readFileSync('package-lock.json', 'utf8')) as { packages: Record<string, Locked> };
  const theirs = Object.entries(packages).filter(([path, { link }]) => path.startsWith('node_modules/') && !link);
  return { name, lockfileVersion: 3, requires: true, packages: { '': {}, ...Object.fromEntries(theirs) } };
}

/** Installs tarballs, and what a user installs beside them, in an empty project. No script of any package runs. */
export function installInto(folder: string, tarballs: readonly string[]): void {
  const { devDependencies = {} } = readManifest('.');
  const beside = ['@tensorflow/tfjs', 'rxjs', '@types/node'].map((name) => `${name}@${devDependencies[name]}`);
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ name: 'consumer', private: true, type: 'module' }));
  writeFileSync(join(folder, 'package-lock.json'), JSON.stringify(lockfile('consumer')));
  const flags = ['--prefer-offline', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];
  execFileSync('npm', ['install', ...flags, ...tarballs, ...beside], { cwd: folder, stdio: ['ignore', 'ignore', 'inherit'] }); // biome-ignore format: one command
}

/** Copies every example twice, as ESM and as CommonJS, and the page for browsers. Returns the examples' names. */
export function addSources(folder: string): string[] {
  const files = readdirSync(here('examples'));
  for (const file of files) {
    for (const extension of ['.mts', '.cts']) {
      cpSync(join(here('examples'), file), join(folder, file.replace('.ts', extension)));
    }
  }
  cpSync(here('browser'), folder, { recursive: true });
  for (const file of ['run-examples.mjs', 'no-network.cjs']) cpSync(here(file), join(folder, file));
  writeFileSync(join(folder, 'index.html'), '<!doctype html><script type="module" src="./page.ts"></script>');
  return files.map((file) => basename(file, '.ts'));
}

/** Compiles files by the compiler options of one kind of project, and returns what the compiler complains of. */
export function compile(folder: string, module: 'node16' | 'esnext', files: readonly string[], emit = false): string {
  const moduleResolution = module === 'node16' ? 'node16' : 'bundler';
  const compilerOptions = { target: 'es2022', strict: true, skipLibCheck: true, types: ['node'], noEmit: !emit, module, moduleResolution }; // biome-ignore format: one line of facts
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, files }));
  const { stdout, status } = spawnSync(process.execPath, [tsc, '-p', '.'], { cwd: folder, encoding: 'utf8' });
  return status === 0 ? '' : stdout;
}

/** Runs a script of the project, where nothing may use the network. Throws with what it wrote if it fails. */
export function runInProject(folder: string, script: string, args: readonly string[]): string {
  return execFileSync(process.execPath, ['--require', './no-network.cjs', script, ...args], {
    cwd: folder,
    encoding: 'utf8',
    env: { ...process.env, RESNET_CACHE: join(folder, 'cache') },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}
