import { PickleError } from '../errors';
import { type Cursor, cursor } from './cursor';
import { machine } from './machine';
import { opcodes, refused } from './opcodes';
import type { PickleValue, Trust } from './value';

/** Far above any checkpoint (ResNet-152 with its optimizer takes 60,000), far below a second's work. */
const mostOperations = 2_000_000;

/**
 * Runs a pickle's stack machine. Nothing named in the file is ever looked up outside the tables of `trust` or called;
 * memory grows with the bytes read only.
 *
 * @returns The value, and the position after the pickle's end.
 * @throws PickleError naming the opcode or global that is not allowed, or the limit exceeded.
 */
export function interpret(bytes: Uint8Array, trust: Trust, start = 0): { value: PickleValue; end: number } {
  const input: Cursor = cursor(bytes, start);
  const state = machine(trust);
  for (let operations = 0; operations < mostOperations; operations++) {
    const at = input.at;
    const code = input.byte();
    if (code === stop) return { value: state.result(), end: input.at };
    const run = opcodes.get(code);
    if (!run) throw unknownOpcode(code, at);
    run(state, input);
  }
  throw new PickleError(`readWeights: a pickle must take at most ${mostOperations} operations. Is the file damaged?`);
}

const stop = 0x2e;

function unknownOpcode(code: number, at: number): PickleError {
  const hex = `0x${code.toString(16).padStart(2, '0')}`;
  const name = refused.get(code) ?? 'unknown';
  return new PickleError(
    `readWeights: a pickle of weights must not use opcode ${hex} (${name}), got it at byte ${at}. ` +
      'Do not trust the file, or save its state_dict() alone again.',
  );
}
