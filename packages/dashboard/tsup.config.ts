import { library } from '../../tsup.base';
import { pagePlugin } from '../charts/build/page-plugin';

export default library({ esbuildPlugins: [pagePlugin(import.meta.dirname)], noExternal: [/^page:/] });
