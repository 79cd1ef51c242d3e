import { registerSimd, simdInfo } from '@resnet/backend';
import { blockGoldens } from '@resnet/testing';
import { expect, it } from 'vitest';

await registerSimd({ threads: 2 });
blockGoldens('simd');

it('ran on threads', () => expect(simdInfo()).toMatchObject({ threads: 2 }));
