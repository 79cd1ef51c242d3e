// Trainings by several processes of MPI, with Open MPI and MPICH where they are installed, beside one process and PyTorch; and processes that
// throw, die, stop or take other steps.
//   node tools/torture/processes.js
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { life, must } from './command.js';

const root = fileURLToPath(new URL('../..', import.meta.url));
const vitest = join(root, 'node_modules/vitest/vitest.mjs');
const { code, stdout, stderr } = await life(
  [process.execPath, vitest, 'run', '--no-file-parallelism', '.mpi.test.ts'],
  {
    cwd: root,
    env: { TEST_PROCESSES: '1', NO_COLOR: '1' },
    seconds: 1800,
  },
);
must(code === 0, `processes must train as one and end together, got\n${stdout}\n${stderr}`);
const [passed] = stdout.match(/^\d+ passed, 0 failed.*/m) ?? [];
must(passed, 'tests must run');
console.log(passed);
