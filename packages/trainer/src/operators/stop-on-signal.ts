import { TrainError } from '../errors';

/** What a first SIGINT or SIGTERM asks for: stop after the step, write a checkpoint, then exit with this code. */
export interface SignalStop {
  /** Aborted by the first signal; its reason is a {@link SignalError}. Hand it to `train`. */
  readonly signal: AbortSignal;
  /** The code to exit with: 130 after SIGINT, 143 after SIGTERM, null while no signal came. */
  readonly exitCode: 130 | 143 | null;
  /** Stops listening, so that signals do what they did before. Calling it again does nothing. */
  release(): void;
}

/** A process was asked to stop. */
export class SignalError extends TrainError {
  /** `SignalError`, in minified code too. */
  override name = 'SignalError';

  constructor(
    /** Whichever came first. */
    readonly signal: 'SIGINT' | 'SIGTERM',
    /** 128 plus the signal's number. */
    readonly exitCode: 130 | 143,
  ) {
    super(`stopOnSignal: stopped by ${signal}. Resume the run to go on.`);
  }
}

const exitCodes = { SIGINT: 130, SIGTERM: 143 } as const;

/** What {@link stopOnSignal} needs of `process`. */
export interface SignalSource {
  /** Starts to listen. */
  on(signal: 'SIGINT' | 'SIGTERM', listener: () => void): unknown;
  /** Stops to listen. */
  off(signal: 'SIGINT' | 'SIGTERM', listener: () => void): unknown;
  /** Ends the process. */
  exit(code: number): void;
}

/**
 * Listens for SIGINT (Ctrl-C) and SIGTERM. The first aborts `signal`, the second leaves the process at once, with the
 * exit code of the second; `process.on('exit')` handlers, which restore the terminal and release locks, still run.
 */
export function stopOnSignal(source: SignalSource = process): SignalStop {
  const controller = new AbortController();
  let exitCode: SignalStop['exitCode'] = null;
  const listenerOf = (name: 'SIGINT' | 'SIGTERM') => (): void => {
    const isSecond = exitCode !== null;
    exitCode = exitCodes[name];
    if (isSecond) source.exit(exitCode);
    else controller.abort(new SignalError(name, exitCode));
  };
  const listeners = { SIGINT: listenerOf('SIGINT'), SIGTERM: listenerOf('SIGTERM') };
  source.on('SIGINT', listeners.SIGINT);
  source.on('SIGTERM', listeners.SIGTERM);
  return {
    signal: controller.signal,
    get exitCode() {
      return exitCode;
    },
    release() {
      source.off('SIGINT', listeners.SIGINT);
      source.off('SIGTERM', listeners.SIGTERM);
    },
  };
}
