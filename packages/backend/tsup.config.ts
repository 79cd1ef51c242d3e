import { library } from '../../tsup.base';
import { wasmPlugin } from './build/wasm-plugin';

export default library({ esbuildPlugins: [wasmPlugin], noExternal: [/^wasm:/] });
