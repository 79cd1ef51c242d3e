import { execFileSync, spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

// A project of somebody else's: the packed package and TensorFlow.js, nothing more.

const packageFolder = fileURLToPath(new URL('..', import.meta.url));
const require = createRequire(import.meta.url);
const tsc = require.resolve('typescript/bin/tsc');
const folder = mkdtempSync(join(tmpdir(), 'consumer-'));

beforeAll(() => {
  const packed = execFileSync('npm', ['pack', '--json', '--pack-destination', folder], {
    cwd: packageFolder,
    encoding: 'utf8',
    stdio: 'pipe',
  });
  const [{ filename }] = JSON.parse(packed) as [{ filename: string }];
  const installed = join(folder, 'node_modules', '@resnet', 'blocks');
  mkdirSync(installed, { recursive: true });
  execFileSync('tar', ['-xzf', join(folder, filename), '-C', installed, '--strip-components=1']);
  symlinkSync(
    dirname(dirname(require.resolve('@tensorflow/tfjs/package.json'))),
    join(folder, 'node_modules', '@tensorflow'),
  );
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ type: 'module' }));
  copyFileSync(join(packageFolder, 'test/fixtures/round-trip.ts'), join(folder, 'example.ts'));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** Compiles one file by a `tsconfig.json` of this project and returns what the compiler complains of. */
function compile(file: string, module: 'node16' | 'esnext', moduleResolution: 'node16' | 'bundler'): string {
  const compilerOptions = { target: 'es2022', strict: true, skipLibCheck: true, types: [], module, moduleResolution };
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: [file] }));
  return spawnSync(process.execPath, [tsc, '-p', '.'], { cwd: folder, encoding: 'utf8' }).stdout;
}

const run = (file: string): string =>
  execFileSync(process.execPath, [file], { cwd: folder, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();

describe('the packed package, in a project of its own', () => {
  it('builds, fits, saves, loads and predicts the same', () => {
    expect(compile('example.ts', 'node16', 'node16')).toBe('');
    expect(run('example.js')).toBe('1');
  });

  it('has types for bundlers, too', () => {
    expect(compile('example.ts', 'esnext', 'bundler')).toBe('');
  });

  it('has types for CommonJS, and loads there', () => {
    const source =
      "import { network, norm } from '@resnet/blocks';\nconsole.log(network({ inputShape: [1, 1, 1] }, norm()).layers[1]!.name);";
    writeFileSync(join(folder, 'old.cts'), source);
    expect(compile('old.cts', 'node16', 'node16')).toBe('');
    expect(run('old.cjs')).toBe('bn1');
  });

  it('reports a wrong type', () => {
    writeFileSync(join(folder, 'wrong.ts'), "import { basic } from '@resnet/blocks';\nbasic('16');\n");
    expect(compile('wrong.ts', 'node16', 'node16')).toContain(
      "'string' is not assignable to parameter of type 'number'",
    );
  });
});
