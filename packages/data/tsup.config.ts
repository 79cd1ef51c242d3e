import { library } from '../../tsup.base';
import { wasmPlugin } from './build/wasm-plugin';

// `worker` is loaded by path in worker threads, so it is a file of its own.
export default library({
  entry: ['src/index.ts', 'src/worker.ts'],
  dts: { entry: 'src/index.ts' },
  esbuildPlugins: [wasmPlugin],
  noExternal: [/^wasm:/],
});
