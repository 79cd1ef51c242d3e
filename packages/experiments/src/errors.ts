/** What to change, for programs that show a {@link UsageError} to their users. */
export interface UsageAdvice {
  /** The option to change, by its name in the API: `holdOut`, `directory`, … */
  option?: string;
  /** The run folder to resume. */
  resume?: string;
}

/** A call that cannot work; the caller has to change something. */
export class UsageError extends Error {
  /** `UsageError`, in minified code too. */
  override name = 'UsageError';
  /** Marks errors that the caller can avoid; those of the other packages carry it too. */
  readonly usage = true;

  constructor(
    message: string,
    /** The option to change or the run to resume, where one of them is the next move. */
    readonly advice: UsageAdvice = {},
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}
