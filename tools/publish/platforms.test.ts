import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { manifestOf, platforms, thisPlatform } from '../../packages/backend/build/platforms.mjs';
import { packAll } from './pack.js';
import { readManifest } from './packages';
import { missing, withPlatforms } from './platforms.js';

const backend = readManifest('packages/backend');
const built = join('packages/backend/native/build', thisPlatform());

describe('platform packages', () => {
  it('are told apart by npm by system, processor and libc', () => {
    const facts = Object.keys(platforms).map((platform) => {
      const { name, os, cpu, libc } = manifestOf(platform, backend) as Record<string, unknown>;
      return [name, os, cpu, libc];
    });
    expect(facts).toEqual([
      ['@resnet/backend-linux-x64', ['linux'], ['x64'], ['glibc']],
      ['@resnet/backend-linux-x64-musl', ['linux'], ['x64'], ['musl']],
      ['@resnet/backend-linux-arm64', ['linux'], ['arm64'], ['glibc']],
      ['@resnet/backend-darwin-arm64', ['darwin'], ['arm64'], undefined],
      ['@resnet/backend-darwin-x64', ['darwin'], ['x64'], undefined],
      ['@resnet/backend-win32-x64', ['win32'], ['x64'], undefined],
    ]);
  });

  it('run nothing when they are installed', () => {
    for (const platform of Object.keys(platforms)) expect(manifestOf(platform, backend)).not.toHaveProperty('scripts');
  });

  it('are asked for by the published backend, each in its own version', () => {
    const { optionalDependencies } = withPlatforms({ name: '@resnet/backend', version: '3.2.1' });
    expect(Object.keys(optionalDependencies)).toHaveLength(6);
    expect(new Set(Object.values(optionalDependencies))).toEqual(new Set(['3.2.1']));
  });

  it('stop a release that lacks one', () => {
    expect(missing({ ...backend, version: '99.0.0' })).toHaveLength(6);
  });

  it('are built by the workflow, each on its platform', () => {
    const { jobs } = parse(readFileSync('.github/workflows/release.yml', 'utf8')) as {
      jobs: { native: { strategy: { matrix: { include: { platform: string }[] } } }; publish: { needs: string } };
    };
    expect(jobs.native.strategy.matrix.include.map(({ platform }) => platform)).toEqual(Object.keys(platforms));
    expect(jobs.publish.needs).toBe('native');
  });
});

// What a user's project runs, with and without the package. Not where there is no C++ compiler.
describe.skipIf(!existsSync(built))('a project', () => {
  const folder = mkdtempSync(join(tmpdir(), 'platform-'));
  afterAll(() => rmSync(folder, { recursive: true }));
  const script = `
    import { simdLevels, useBackend } from '@resnet/backend';
    import * as tf from '@tensorflow/tfjs';
    const { simd } = await useBackend('simd', { threads: 2 });
    const y = tf.conv2d(tf.ones([1, 4, 4, 8]), tf.ones([3, 3, 8, 8]), 1, 'valid');
    console.log(JSON.stringify([simd, simdLevels(), [...new Set(y.dataSync())]]));`;

  const install = (...packages: string[]) =>
    execFileSync(
      'npm',
      ['install', '--prefer-offline', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error', ...packages],
      { cwd: folder, stdio: ['ignore', 'ignore', 'inherit'] },
    );
  const run = () => {
    const output = execFileSync(process.execPath, ['use.mjs'], {
      cwd: folder,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    return JSON.parse(output.trim().split('\n').at(-1)!) as [string, string[], number[]];
  };

  it('computes in WebAssembly alone, or natively once the package is there', () => {
    writeFileSync(join(folder, 'package.json'), JSON.stringify({ name: 'project', private: true, type: 'module' }));
    writeFileSync(join(folder, 'use.mjs'), script);
    const { file } = packAll(folder).find(({ name }) => name === '@resnet/backend')!;
    install(file, `@tensorflow/tfjs@${readManifest('.').devDependencies!['@tensorflow/tfjs']}`);
    const [level, levels, sums] = run();
    expect([level, levels, sums]).toEqual([levels[0], levels, [72]]);
    expect(['relaxed', 'simd128']).toContain(level);
    const [{ filename }] = JSON.parse(
      execFileSync('npm', ['pack', '--json', '--pack-destination', folder, resolve(built)], {
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'ignore'],
      }),
    ) as [{ filename: string }];
    install(join(folder, filename));
    const [native, all, same] = run();
    expect(['avx512', 'avx2', 'neon']).toContain(native);
    expect([all[0], same]).toEqual([native, [72]]);
    expect(all).toEqual(expect.arrayContaining(levels));
  }, 180_000);
});
