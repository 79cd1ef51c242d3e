import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const resnet = (...args: string[]) =>
  spawnSync(process.execPath, [fileURLToPath(new URL('../bin/resnet.js', import.meta.url)), 'bench', ...args], {
    encoding: 'utf8',
  });

const small = ['--backend', 'simd', '--threads', '1', '--warmup', '1', '--steps', '2'];

/**
 * Multiply-adds of ResNet-20 on one image, from §4.2: the first layer, six 3×3 convolutions on 32×32×16, then on
 * 16×16×32 and on 8×8×64 one with half the input channels and five in full, and the 64×10 classifier.
 */
const resnet20 =
  1024 * 27 * 16 + 6 * 1024 * 144 * 16 + 256 * 144 * 32 + 5 * 256 * 288 * 32 + 64 * 288 * 64 + 5 * 64 * 576 * 64 + 640;

describe('resnet bench', () => {
  it.each([
    ['training', [], 3],
    ['inference', ['--inference'], 1],
  ])('measures %s and prints JSON only', (_, flags, passes) => {
    const { stdout, status } = resnet('--model', 'resnet20', '--batch', '2', ...small, ...flags, '--json');
    expect(status).toBe(0);
    const result = JSON.parse(stdout);
    expect(Object.keys(result)).toEqual([
      'model',
      'batch',
      'backend',
      'threads',
      'simd',
      'secondsPerStep',
      'imagesPerSecond',
      'peakRssMb',
      'gflops',
      'loss',
    ]);
    expect(result).toMatchObject({ model: 'resnet20', batch: 2, backend: 'simd', threads: 1 });
    const { min, median } = result.secondsPerStep;
    expect(min).toBeGreaterThan(0);
    expect(median).toBeGreaterThanOrEqual(min);
    expect(result.imagesPerSecond).toBeCloseTo(2 / median, 6);
    expect(result.gflops).toBeCloseTo((2 * passes * 2 * resnet20) / median / 1e9, 6);
    expect(result.peakRssMb).toBeGreaterThan(50);
    expect(result.peakRssMb).toBeLessThan(4000);
    // Not far above that of guessing among ten classes, ln 10.
    if (flags.length > 0) expect(result.loss).toBeNull();
    else expect(result.loss > 0 && result.loss < 2 * Math.log(10)).toBe(true);
  });

  it('prints the time of each kernel', () => {
    const flags = ['--model', 'resnet8', '--batch', '2', '--threads', '1', '--steps', '2', '--warmup', '3'];
    const { stdout, status } = resnet(...flags, '--profile');
    expect(status).toBe(0);
    // Of the 7 convolutions of ResNet-8, 5 have stride 1, those with 3, 16 twice, 32 and 64 channels; in each of the 2 measured steps.
    expect(stdout).toMatch(/^winograd forward.* 16→16 +4 /m);
    expect(stdout).toMatch(/^implicit GEMM 3×3\/2 16→32 +2 /m);
    expect(stdout).toMatch(/^Steps were recorded and replayed: \d+ operations\.$/m);
    expect(stdout).toMatch(/^\(outside kernels\)/m);
    expect(stdout).toMatch(/resnet8 training, batch 2, on simd/);
  });

  it.each([
    [['--model', 'resnet2O'], "Did you mean 'resnet20'?"],
    [['--backend', 'smid'], "Did you mean 'simd'?"],
    [['--batch', '0'], 'whole number from 1 up'],
    [['--level', 'avx'], 'level must be one of avx512, avx2, neon, relaxed, simd128'],
  ])('refuses %o', (flags, message) => {
    const { stderr, status } = resnet(...flags);
    expect(stderr).toContain(message);
    expect(status).toBe(2);
  });
});
