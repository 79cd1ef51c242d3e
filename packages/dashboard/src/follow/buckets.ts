/** Means over consecutive training steps, in columns. A null is a value that was not finite or not logged. */
export interface BucketColumns {
  /** Last step of each bucket. */
  step: number[];
  /** Mean loss over its steps, in nats. */
  loss: (number | null)[];
  /** Mean error over its steps, a fraction. */
  error: (number | null)[];
  /** Learning rate of its last step. */
  rate: (number | null)[];
  /** Seconds since the run began, at its last step. */
  time: (number | null)[];
}

/** Where a training step stands. */
export interface StepPlace {
  step: number;
  rate: number | null;
  time: number | null;
}

/** Of a run of any length so few points are kept and sent: about as many as a screen has pixels across. */
const MOST = 1024;

/** Columns that grow a step at a time; `size` steps a bucket, which doubles whenever there would be more than 1,024 buckets. */
export class Buckets {
  /** Steps a bucket; the last one may have fewer. */
  size = 1;
  readonly columns: BucketColumns = { step: [], loss: [], error: [], rate: [], time: [] };
  private open = { steps: 0, loss: 0, error: 0 };

  /**
   * Takes in the next step's loss and error.
   *
   * @returns Whether its bucket is full by it. Then, and before anything is read, {@link place} tells where the step stands.
   */
  add(loss: number, error: number): boolean {
    const { columns } = this;
    if (this.open.steps === this.size) this.open = { steps: 0, loss: 0, error: 0 };
    if (this.open.steps === 0 && columns.step.length === MOST) this.merge();
    const { steps } = this.open;
    this.open = { steps: steps + 1, loss: this.open.loss + loss, error: this.open.error + error };
    const at = steps === 0 ? columns.loss.length : columns.loss.length - 1;
    columns.loss[at] = finite(this.open.loss / this.open.steps);
    columns.error[at] = finite(this.open.error / this.open.steps);
    return this.open.steps === this.size;
  }

  /** Where the step that came last stands. */
  place({ step, rate, time }: StepPlace): void {
    const { columns } = this;
    const at = columns.loss.length - 1;
    columns.step[at] = step;
    columns.rate[at] = rate;
    columns.time[at] = time;
  }

  /** The columns from bucket `from` on, copied. */
  since(from: number): BucketColumns {
    const { step, loss, error, rate, time } = this.columns;
    return {
      step: step.slice(from),
      loss: loss.slice(from),
      error: error.slice(from),
      rate: rate.slice(from),
      time: time.slice(from),
    };
  }

  /** Joins each two buckets: all are full by now. */
  private merge(): void {
    this.size *= 2;
    const { columns } = this;
    const last = <T>(values: T[]) => values.filter((_, i) => i % 2 === 1);
    const mean = (values: (number | null)[]) =>
      last(values).map((value, i) => {
        const before = values[2 * i] ?? null;
        return value === null || before === null ? null : (value + before) / 2;
      });
    Object.assign(columns, {
      step: last(columns.step),
      loss: mean(columns.loss),
      error: mean(columns.error),
      rate: last(columns.rate),
      time: last(columns.time),
    });
  }
}

const finite = (value: number): number | null => (Number.isFinite(value) ? value : null);
