/** What a logged measurement was made on: the batch of a training step, or held-out images. */
export const MEASURED_SPLITS = ['train', 'validation', 'test'] as const;

/** What a logged measurement was made on. */
export type MeasuredSplit = (typeof MEASURED_SPLITS)[number];
