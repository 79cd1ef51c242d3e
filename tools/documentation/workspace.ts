import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join, resolve } from 'node:path';
import { transformSync } from 'esbuild';
import { lockfile } from '../publish/consumer/project';
import { type CodeBlock, placeOf } from './code-block';
import { standIns } from './stand-ins';

/** How a program ended. */
export interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** A folder in which the blocks of one document run, one after the other, as a reader would run them. */
export interface Workspace {
  readonly folder: string;
  write(name: string, content: string): void;
  /** Runs a TypeScript or JavaScript block as a module of its own process. */
  script(block: CodeBlock, name?: string): Promise<Outcome>;
  /** Runs a shell block, its commands as `standIns` has them. */
  shell(block: CodeBlock): Promise<Outcome>;
  remove(): void;
}

/** Where a reader of a document is. */
export interface WorkspaceOptions {
  /** A registry that has our packages: the reader is in an empty project and installs what the document says. Without, in this repository. */
  readonly registry?: string;
}

/** Makes a workspace: in an empty project, or below node_modules, where packages are found by their published names. */
export function createWorkspace({ registry }: WorkspaceOptions = {}): Workspace {
  const cache = resolve('node_modules/.cache');
  mkdirSync(cache, { recursive: true });
  const folder = mkdtempSync(join(registry ? tmpdir() : cache, 'documentation-'));
  const bin = mkdtempSync(join(tmpdir(), 'documentation-bin-'));
  const write = (name: string, content: string) => {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), content);
  };
  if (registry) {
    write('package.json', JSON.stringify({ name: 'reader', private: true, type: 'module' }));
    write('package-lock.json', JSON.stringify(lockfile('reader')));
    write('.npmrc', `@resnet:registry=${registry}\n`);
  } else write('package.json', '{ "type": "module" }');
  for (const [name, content] of Object.entries(standIns(registry ? join(folder, 'node_modules') : 'node_modules'))) {
    writeFileSync(join(bin, name), content, { mode: 0o755 });
  }
  const run = (program: string, args: readonly string[]): Promise<Outcome> =>
    new Promise((done) => {
      const env = { ...process.env, PATH: `${bin}${delimiter}${process.env.PATH}`, RESNET_CACHE: cacheOf(cache) };
      execFile(program, args, { cwd: folder, env, timeout: 150_000 }, (error, stdout, stderr) =>
        done({ code: error ? Number(error.code) || 1 : 0, stdout, stderr }),
      );
    });
  return {
    folder,
    write,
    script: (block, name = `block-${block.line}.ts`) => {
      const file = name.replace(/\.ts$/, '.mjs');
      write(file, compiled(block));
      return run(process.execPath, [file]);
    },
    shell: ({ code }) => run('bash', ['-euo', 'pipefail', '-c', code]),
    remove: () => {
      for (const made of [folder, bin]) rmSync(made, { recursive: true, force: true });
    },
  };
}

/** Shared by all documents and runs, so that generated images are drawn once. */
const cacheOf = (cache: string): string => join(cache, 'documentation-data');

const compiled = (block: CodeBlock): string =>
  transformSync(block.code, { loader: 'ts', format: 'esm', target: 'node20', sourcefile: placeOf(block) }).code;
