import { hostname } from 'node:os';
import { mpiFamilies } from '@resnet/testing';
import { describe, expect, it } from 'vitest';
import { run } from './run';

/** Patience of 3 s in place of 20: the whole must end within it, 2 s for answers and some for the launcher. */
const env = { RESNET_MPI_PATIENCE: '3' };
const named = `rank 1 (${hostname()})`;

describe.each(mpiFamilies)(
  'with $family ($hint), processes that wait for rank 1 end where it',
  ({ family, missing }) => {
    const fault = (name: string) => run(family, 3, 'fault', [name], env);

    describe.skipIf(missing)('', () => {
      it.each([
        ['throws', 'no more disk'],
        ['throws outside', 'no more disk'],
        ['exits', 'ended with exit code 0 before the others were done'],
      ])('%s', async (name, reason) => {
        const { code, stdout, stderr, seconds } = await fault(name);
        expect(code).not.toBe(0);
        expect(stderr).toContain(`rank 1 of 3 (${hostname()}): ${reason}`);
        expect(stdout).not.toContain('is done');
        expect(seconds).toBeLessThan(15);
      });

      it.each(['stops', 'waits'])('%s', async (name) => {
        const { code, stderr, seconds } = await fault(name);
        expect(code).not.toBe(0);
        expect(stderr).toContain(`every process must take part in a barrier, got no sign of ${named} for 3 s`);
        expect(seconds).toBeLessThan(15);
      });

      it('dies', async () => {
        const { code, stdout, stderr, seconds } = await fault('dies');
        expect(code).not.toBe(0);
        // The launcher's own words: Open MPI names the rank, MPICH the process.
        expect(stdout + stderr).toMatch(family === 'MPICH' ? /PID \d+ RUNNING AT \S+/ : /process rank 1 with PID/);
        expect(seconds).toBeLessThan(15);
      });

      it('takes other steps', async () => {
        const { code, stderr, seconds } = await fault('other steps');
        expect(code).not.toBe(0);
        expect(stderr).toMatch(/MPI_ERR_TRUNCATE|truncated|must take the same steps|must succeed/);
        expect(seconds).toBeLessThan(15);
      });

      it('and go on where it works for longer than their patience and says so', async () => {
        const { code, stdout } = await fault('works');
        expect({ code, done: stdout.match(/is done/g)?.length }).toEqual({ code: 0, done: 3 });
      });
    });
  },
);
