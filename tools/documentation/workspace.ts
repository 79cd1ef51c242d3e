import { execFile } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join, resolve } from 'node:path';
import { transformSync } from 'esbuild';
import { type CodeBlock, placeOf } from './code-block';

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
  /** Runs a shell block; `npx` and `resnet` are this repository's, `npm` does nothing. */
  shell(block: CodeBlock): Promise<Outcome>;
  remove(): void;
}

/** Makes an empty workspace below node_modules, where packages are found by their published names. */
export function createWorkspace(): Workspace {
  const cache = resolve('node_modules/.cache');
  mkdirSync(cache, { recursive: true });
  const folder = mkdtempSync(join(cache, 'documentation-'));
  const bin = join(folder, '.bin');
  const write = (name: string, content: string) => {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), content);
  };
  write('package.json', '{ "type": "module" }');
  for (const [name, content] of Object.entries(commands())) {
    write(`.bin/${name}`, content);
    chmodSync(join(bin, name), 0o755);
  }
  const run = (program: string, args: readonly string[]): Promise<Outcome> =>
    new Promise((done) => {
      const env = { ...process.env, PATH: `${bin}${delimiter}${process.env.PATH}`, RESNET_CACHE: cacheOf(cache) };
      execFile(program, args, { cwd: folder, env, timeout: 120_000 }, (error, stdout, stderr) =>
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
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

/** Shared by all documents and runs, so that generated images are drawn once. */
const cacheOf = (cache: string): string => join(cache, 'documentation-data');

const compiled = (block: CodeBlock): string =>
  transformSync(block.code, { loader: 'ts', format: 'esm', target: 'node20', sourcefile: placeOf(block) }).code;

/** A training that takes seconds. The last of two equal flags counts, so these follow the document's. */
const TINY = '--steps 2 --milestones 1 --batch 16 --validate-every 2 --checkpoint-every 1';

const commands = (): Record<string, string> => ({
  npx: '#!/bin/sh\nexec "$@"\n',
  npm: '#!/bin/sh\nexit 0\n',
  resnet: `#!/bin/sh
case "$*" in
  *--resume*|*--dry-run*) ;;
  train*) set -- "$@" ${TINY} ;;
esac
exec "${process.execPath}" "${resolve('packages/cli/bin/resnet.js')}" "$@"
`,
});
