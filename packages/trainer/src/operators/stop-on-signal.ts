import { TrainError } from '../errors';

/** The exit code of each signal that asks to stop: 128 plus its number. SIGHUP comes when a terminal is closed. */
const exitCodes = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 } as const satisfies Record<StopSignal, StopExitCode>;

/** A signal that asks a process to stop. */
export type StopSignal = 'SIGHUP' | 'SIGINT' | 'SIGTERM';

/** The exit code after such a signal. */
export type StopExitCode = 129 | 130 | 143;

/** What a first SIGHUP, SIGINT or SIGTERM asks for: stop after the step, write a checkpoint, then exit with this code. */
export interface SignalStop {
  /** Aborted by the first signal; its reason is a {@link SignalError}. Hand it to `train`. */
  readonly signal: AbortSignal;
  /** The code to exit with: 129 after SIGHUP, 130 after SIGINT, 143 after SIGTERM, null while no signal came. */
  readonly exitCode: StopExitCode | null;
  /** Stops listening, so that signals do what they did before. Calling it again does nothing. */
  release(): void;
}

/** A process was asked to stop. */
export class SignalError extends TrainError {
  /** `SignalError`, in minified code too. */
  override name = 'SignalError';

  constructor(
    /** Whichever came first. */
    readonly signal: StopSignal,
    /** 128 plus the signal's number. */
    readonly exitCode: StopExitCode,
  ) {
    super(`stopOnSignal: stopped by ${signal}. Resume the run to go on.`);
  }
}

/** What {@link stopOnSignal} needs of `process`. */
export interface SignalSource {
  /** Starts to listen. */
  on(signal: StopSignal, listener: () => void): unknown;
  /** Stops listening. */
  off(signal: StopSignal, listener: () => void): unknown;
  /** Ends the process. */
  exit(code: number): void;
}

const signals = Object.keys(exitCodes) as StopSignal[];

/**
 * Listens for SIGINT (Ctrl-C), SIGTERM and SIGHUP (a closed terminal). The first aborts `signal`, the second leaves the process at
 * once, with the exit code of the second; `process.on('exit')` handlers, which restore the terminal and release locks, still run.
 * A SIGHUP is never the second: closing a terminal sends it after the Ctrl-C that somebody closed it on.
 */
export function stopOnSignal(source: SignalSource = process): SignalStop {
  const controller = new AbortController();
  let exitCode: SignalStop['exitCode'] = null;
  const listenerOf = (name: StopSignal) => (): void => {
    const isSecond = exitCode !== null;
    if (isSecond && name === 'SIGHUP') return;
    exitCode = exitCodes[name];
    if (isSecond) source.exit(exitCode);
    else controller.abort(new SignalError(name, exitCode));
  };
  const listeners = signals.map((name) => [name, listenerOf(name)] as const);
  for (const [name, listener] of listeners) source.on(name, listener);
  return {
    signal: controller.signal,
    get exitCode() {
      return exitCode;
    },
    release() {
      for (const [name, listener] of listeners) source.off(name, listener);
    },
  };
}
