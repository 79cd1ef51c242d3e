import { blockGoldens } from '@resnet/testing';
import { beforeAll, describe } from 'vitest';
import { hasDriver, start } from './software';

describe.skipIf(!hasDriver)('on a software adapter', () => {
  beforeAll(start);
  blockGoldens('webgpu');
});
