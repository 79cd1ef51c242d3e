import type { ComputePlace } from '@resnet/experiments';
import { type ConductStudiesOptions, conductStudies } from '@resnet/experiments/studies';
import { showProgress, stopOnSignal } from '@resnet/trainer/node';
import { note, print } from '../output';

/** Flags of `resnet studies`. */
export type StudiesFlags = ComputePlace & Pick<ConductStudiesOptions, 'preset' | 'only' | 'data' | 'out'>;

/** `resnet studies`. */
export async function runStudies(flags: StudiesFlags): Promise<void> {
  const stop = stopOnSignal();
  try {
    const outcome = await conductStudies({
      ...flags,
      signal: stop.signal,
      onNote: note,
      watch: showProgress(),
      command: commandOf(flags),
    });
    if (outcome.status === 'stopped') {
      process.exitCode = stop.exitCode ?? 1;
      note('Stopped. Repeat the command to continue.');
      return;
    }
    for (const { title, conclusion } of outcome.sections)
      print([title, ...conclusion.map((line) => `  ${line}`)].join('\n'));
    print(outcome.report);
  } finally {
    stop.release();
  }
}

const commandOf = ({ preset, only, data }: StudiesFlags): string =>
  [
    `npm run studies -- --preset ${preset}`,
    ...(only ? [`--only ${only.join(',')}`] : []),
    ...(data !== undefined ? [`--data ${data}`] : []),
  ].join(' ');
