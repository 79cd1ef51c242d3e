import { fileURLToPath } from 'node:url';
import { assemble } from '../../../wasm.base';

const root = fileURLToPath(new URL('..', import.meta.url));

/** Compiles `assembly/NAME.ts`. */
export const compile = (name: string): Promise<Uint8Array> =>
  assemble(`assembly/${name}.ts`, root, ['--initialMemory', '1']);
