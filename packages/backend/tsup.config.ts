import { writeFile } from 'node:fs/promises';
import { library } from '../../tsup.base';
import { wasmPlugin } from '../../wasm.base';
import { cppHeader } from './build/contract';
import { compile } from './build/wasm';

export default library({
  esbuildPlugins: [wasmPlugin(compile)],
  noExternal: [/^wasm:/],
  // For native code behind the same contract.
  onSuccess: () => writeFile('dist/contract.h', cppHeader()),
});
