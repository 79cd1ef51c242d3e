import { isThere } from '@resnet/files';
import { z } from 'zod';
import { runFiles } from '../run/run-files';
import { readSaved } from '../run/saved-run';

const share = z.number().nullable();
const count = z.int().nonnegative();

const evaluationSchema = z.object({
  /** Test images measured. */
  images: count,
  /** By index. */
  classes: z.array(
    z.object({
      /** Name of the class. */
      name: z.string(),
      /** Training images of the class. */
      trained: count,
      /** Test images of the class. */
      images: count,
      /** Of the images called so, those that are; null where none was. */
      precision: share,
      /** Of the images that are so, those called so; null where there are none. */
      recall: share,
      /** Harmonic mean of both. */
      f1: share,
    }),
  ),
  /** `confusion[truth][prediction]` counts images; null where there are too many classes. */
  confusion: z.array(z.array(count)).nullable(),
});

/** What a finished run's network does by class; `evaluation.json`. */
export type RunEvaluation = z.infer<typeof evaluationSchema>;

/**
 * What a finished run's network does by class; null before its end, and for runs of former releases.
 *
 * @throws UsageError where the file is damaged.
 */
export function runEvaluation(directory: string): RunEvaluation | null {
  const { evaluation } = runFiles(directory);
  return isThere(evaluation) ? readSaved(evaluation, evaluationSchema) : null;
}
