import type { Tensor, TensorInfo } from '@tensorflow/tfjs-core';
import type { SimdBackend } from '../backend';
import { SimdMemoryError } from '../errors';
import type { Block } from '../pool';
import { NO_ROOM, Recorder } from './recorder';
import { Recording, type Step } from './recording';

/** A done step, with its recording or why there is none: `StepRecord` of `@resnet/trainer`. */
type Recorded =
  | { readonly output: Tensor; readonly recording: Recording }
  | { readonly output: Tensor; readonly reason: string };

/** A backend that also does a step of a training and records it: `RecordingBackend` of `@resnet/trainer`. */
export const withRecording = (backend: SimdBackend): SimdBackend & { recordStep(step: Step): Recorded } =>
  Object.assign(backend, { recordStep: (step: Step) => recordStep(backend, step) });

function recordStep(backend: SimdBackend, step: Step): Recorded {
  const before = step.state();
  const foreign = [...before, ...step.inputs].find(({ dtype }) => dtype !== 'float32');
  if (foreign) return { output: step.run(), reason: `a tensor of its state is ${foreign.dtype}, not float32` };
  const blocksOf = (tensors: readonly TensorInfo[]): Block[] => tensors.map((tensor) => backend.block(tensor));
  const [homes, inputs] = [blocksOf(before), blocksOf(step.inputs)];
  const recorder = new Recorder(backend.runtime.arena);
  for (const block of [...homes, ...inputs]) recorder.pin(block);
  try {
    const output = backend.runtime.recording(recorder, () => {
      const result = step.run();
      for (const block of blocksOf([result, ...step.state()])) recorder.pin(block);
      return result;
    });
    const written = blocksOf(step.state());
    if (written.length !== homes.length) recorder.refuse('the step made tensors that outlive it');
    if (recorder.leaves) recorder.refuse('a tensor of the step is kept');
    if (!recorder.reason) {
      const places = { homes, written, inputs, output: backend.block(output) };
      const recording = recordingIn(
        backend,
        () => new Recording(backend, recorder, step, places, output.shape),
        output,
      );
      if (recording) return { output, recording };
    }
    recorder.release();
    return { output, reason: recorder.reason ?? NO_ROOM };
  } catch (error) {
    recorder.release();
    throw error;
  }
}

/** What `make` makes, and a place of its own for the output, where a replay writes; undefined where the memory has no room for them: the step is done. */
function recordingIn(backend: SimdBackend, make: () => Recording, output: Tensor): Recording | undefined {
  try {
    const recording = make();
    const own = backend.temporary(output.size * 4, 'an output');
    backend.dataOf(output).moveTo(own);
    own.release();
    return recording;
  } catch (error) {
    if (error instanceof SimdMemoryError) return undefined;
    throw error;
  }
}
