import { writeFile } from 'node:fs/promises';
import { library } from '../../tsup.base';
import { cppHeader } from './build/contract';
import { wasmPlugin } from './build/wasm-plugin';

export default library({
  esbuildPlugins: [wasmPlugin],
  noExternal: [/^wasm:/],
  // For native code behind the same contract.
  onSuccess: () => writeFile('dist/contract.h', cppHeader()),
});
