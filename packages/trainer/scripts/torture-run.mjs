// A run as the command makes it, small: `node torture-run.mjs FOLDER [pace in ms]`. Made to be killed, signalled and starved.
import { existsSync } from 'node:fs';
import { failOnDivergence, sgd, train } from '@resnet/trainer';
import {
  createRun,
  fileCheckpoints,
  logEvents,
  logMetrics,
  logTensorBoard,
  openRun,
  showProgress,
  stopOnSignal,
} from '@resnet/trainer/node';
import * as tf from '@tensorflow/tfjs';
import { lastValueFrom, tap } from 'rxjs';
import { smallBatches, smallNet } from '../test/small-problem.mjs';

const [folder, pace = '0'] = process.argv.slice(2);
await tf.setBackend('cpu');

const model = smallNet();
const batches = smallBatches(Number(pace));

const stop = stopOnSignal();
try {
  const run = existsSync(folder) ? openRun(folder) : await createRun(folder, { steps: 60 });
  const events = train({
    model,
    batches,
    optimizer: sgd({ weightDecay: 1e-3 }),
    schedule: (step) => (step < 30 ? 0.1 : 0.01),
    steps: 60,
    validation: { batches: () => batches(500, 0), every: 8 },
    test: () => batches(600, 0),
    checkpoints: { store: fileCheckpoints(run.paths.checkpoints), every: 3 },
    signal: stop.signal,
    policies: [failOnDivergence()],
  });
  const end = await lastValueFrom(
    events.pipe(
      logEvents(run.paths.events),
      logMetrics(run.paths.metrics),
      logTensorBoard(folder),
      showProgress(),
      tap((event) => process.stdout.write(`${event.type} ${event.step}\n`)),
    ),
  );
  if (end.reason === 'finished') await run.writeResult({ test: end.test.error });
  process.exitCode = stop.exitCode ?? 0;
  run.release();
} catch (error) {
  process.stderr.write(`${error.name}: ${error.message}\n`);
  process.exitCode = 1;
} finally {
  stop.release();
}
