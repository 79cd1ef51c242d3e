import { type ConductStudiesOptions, conductStudies } from '@resnet/experiments/studies';
import { showProgress, stopOnSignal } from '@resnet/trainer/node';
import { note, print } from '../output';

/** Flags of `resnet studies`. */
export interface StudiesFlags extends Pick<ConductStudiesOptions, 'preset' | 'only' | 'data' | 'out'> {
  backend?: string;
  software?: boolean;
  threads?: number;
}

/** `resnet studies`. */
export async function runStudies({
  backend = 'auto',
  software = false,
  threads,
  ...flags
}: StudiesFlags): Promise<void> {
  const stop = stopOnSignal();
  try {
    const outcome = await conductStudies({
      ...flags,
      backend,
      software,
      threads: threads ?? null,
      signal: stop.signal,
      onNote: note,
      watch: showProgress(),
      command: commandOf(flags),
    });
    if (outcome.status === 'stopped') {
      process.exitCode = stop.exitCode ?? 1;
      note('Stopped; the same command goes on.');
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
