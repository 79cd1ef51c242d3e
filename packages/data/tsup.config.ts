import { library } from '../../tsup.base';
import { wasmPlugin } from '../../wasm.base';
import { compile } from './build/wasm';

// `worker` is loaded by path in worker threads, so it is a file of its own; `shapes` is a door that browsers can pass, too.
export default library({
  entry: ['src/index.ts', 'src/shapes.ts', 'src/worker.ts'],
  dts: { entry: ['src/index.ts', 'src/shapes.ts'] },
  esbuildPlugins: [wasmPlugin(compile)],
  noExternal: [/^wasm:/],
});
