import type { SafeTensor } from '@resnet/safetensors';
import { CheckpointError } from '../errors';
import type { Evaluation } from '../events';
import type { Json } from '../schedule';
import { parseState } from './parse-state';
import { seal, unseal } from './seal';

/** All that a run is at a moment, apart from tensors. */
export interface TrainingProgress {
  /** Iterations done. */
  step: number;
  /** Where the next batch comes from. */
  epoch: number;
  /** Its place in `epoch`, from 0; past the last one where the epoch is over. */
  batch: number;
  /** The evaluation due at `step` was cut off. */
  evaluationPending: boolean;
  /** The best validation so far. */
  best: BestValidation | null;
  /** The last validation. */
  validation: Evaluation | null;
}

/** The lowest validation error of a run, and where it was. */
export interface BestValidation {
  /** Iterations done when it was measured. */
  readonly step: number;
  /** Share of the validation images classified wrongly, 0…1. */
  readonly error: number;
  /** Mean cross-entropy on the validation images, in nats. */
  readonly loss: number;
}

/** A checkpoint: progress and the states of everything that has one, as JSON, beside the tensors. */
export interface CheckpointContents {
  /** How far the run had come. */
  readonly progress: TrainingProgress;
  /** State of the learning rate; null for a schedule without one. */
  readonly schedule: Json;
  /** Numbers of the optimizer; its slots are tensors. */
  readonly optimizer: Readonly<Record<string, number>>;
  /** States handed to `train` to travel along. */
  readonly states: Readonly<Record<string, Json>>;
  /** Tells recipes apart. */
  readonly recipe: string | null;
  /** Copies on the host: `model/…`, `optimizer/…`, `average/…` and `window/…`. */
  readonly tensors: ReadonlyMap<string, SafeTensor>;
}

const format = 'resnet-trainer/1';

/** A checkpoint as one safetensors file that carries its SHA-256. */
export const encodeCheckpoint = ({ tensors, ...state }: CheckpointContents): Promise<Uint8Array> =>
  seal(tensors, { format, state: JSON.stringify(state) });

/**
 * Reads what `encodeCheckpoint` wrote. A seal only says that a file is as it was written: its state is checked, too.
 *
 * @throws CheckpointError or SafetensorsError if it is damaged or something else.
 */
export async function decodeCheckpoint(bytes: Uint8Array): Promise<CheckpointContents> {
  const { tensors, metadata } = await unseal(bytes);
  if (metadata.format !== format || metadata.state === undefined) {
    throw new CheckpointError(
      `decodeCheckpoint: format must be ${format}, got ${metadata.format}. Use the trainer that wrote it.`,
    );
  }
  return { ...(parseState(metadata.state) as unknown as Omit<CheckpointContents, 'tensors'>), tensors };
}
