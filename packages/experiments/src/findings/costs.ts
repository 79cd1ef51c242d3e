import type { ReportTable } from '@resnet/analysis';
import { summarizeModel } from '@resnet/models';
import type * as tf from '@tensorflow/tfjs';

/** Cost of a network for one image, counted without running it. */
export interface Cost {
  /** Name in the table. */
  label: string;
  /** Trainable parameters. */
  parameters: number;
  /** Multiply-adds of a forward pass over one image. */
  multiplyAdds: number;
  /** Bytes of all layers' outputs. */
  activationBytes: number;
  /** Seconds of one training step; null if not timed. */
  secondsPerStep: number | null;
}

/** Counts the cost of a network, which the caller still owns. */
export function costOf(label: string, model: tf.LayersModel, secondsPerStep: number | null = null): Cost {
  const { parameters, multiplyAdds, activationBytes } = summarizeModel(model);
  return { label, parameters, multiplyAdds, activationBytes, secondsPerStep };
}

/** A table of costs. */
export const costTable = (costs: readonly Cost[], caption: string): ReportTable => ({
  caption,
  columns: ['net', 'parameters', 'multiply-adds', 'memory of activations (MB/image)', 's/iteration'],
  rows: costs.map(({ label, parameters, multiplyAdds, activationBytes, secondsPerStep }) => [
    label,
    parameters.toLocaleString('en-US'),
    multiplyAdds.toLocaleString('en-US'),
    (activationBytes / 1e6).toFixed(2),
    secondsPerStep === null ? '–' : secondsPerStep.toFixed(3),
  ]),
});
