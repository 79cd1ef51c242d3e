import { type SimdLevel, simdInfo, simdLevels } from '@resnet/backend';
import { blockGoldens } from '@resnet/testing';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { start, testLevel } from './on-both';

/** Everything that the kernels must hold, at one level; where it does not run, nothing but a test that is skipped and says so. */
export async function everyKernel(level: SimdLevel): Promise<void> {
  if (!simdLevels().includes(level)) {
    it.skip(`${level} does not run here`, () => {});
    return;
  }
  testLevel(level);
  beforeAll(() => start());
  afterAll(() => expect(simdInfo().simd).toBe(level));
  await import('./convolution.test');
  await import('./fused.test');
  await import('./like-cpu.test');
  await import('./nan.test');
  await import('./norm.test');
  await import('./pointwise.test');
  await import('./programs.test');
  await import('./threads.test');
  blockGoldens('simd');
}
