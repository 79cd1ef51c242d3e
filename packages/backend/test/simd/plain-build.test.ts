import { simdInfo } from '@resnet/backend';
import { blockGoldens } from '@resnet/testing';
import { afterAll, beforeAll, expect } from 'vitest';
import { start, testBuild } from './on-both';

// Everything that the kernels must hold, on the build without relaxed SIMD, which only older browsers take by themselves.
testBuild('simd128');
beforeAll(() => start());
afterAll(() => expect(simdInfo()?.simd).toBe('simd128'));

await import('./convolution.test');
await import('./fused.test');
await import('./like-cpu.test');
await import('./norm.test');
await import('./pointwise.test');
await import('./programs.test');
blockGoldens('simd');
