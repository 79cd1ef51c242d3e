import { createRequire } from 'node:module';
import { BackendError, useBackend } from '@resnet/backend';
import { afterEach, expect, it } from 'vitest';

/** The module itself, which the backend asks for the class each time. */
const threads = createRequire(import.meta.url)('node:worker_threads') as { Worker: unknown };

const { Worker } = threads;
afterEach(() => {
  threads.Worker = Worker;
});

it('says what to do where the system has no more threads', async () => {
  // As Node does where pthread_create fails.
  threads.Worker = class {
    constructor() {
      throw Object.assign(new Error('EAGAIN'), { code: 'ERR_WORKER_INIT_FAILED' });
    }
  };
  const starting = useBackend('simd', { threads: 4 });
  await expect(starting).rejects.toThrow(BackendError);
  await expect(starting).rejects.toThrow(
    /simd: its threads must start, got EAGAIN\. Raise the limit on processes \(ulimit -u\), or ask for fewer threads/,
  );
});
