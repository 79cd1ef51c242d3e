import { library } from '../../tsup.base';
import { wasmPlugin } from '../../wasm.base';
import { compile } from './build/wasm';

// `worker` is loaded by path in worker threads, so it is a file of its own.
export default library({
  entry: ['src/index.ts', 'src/worker.ts'],
  dts: { entry: 'src/index.ts' },
  esbuildPlugins: [wasmPlugin(compile)],
  noExternal: [/^wasm:/],
});
