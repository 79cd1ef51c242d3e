import { library } from '../../tsup.base';
import { pagePlugin } from './build/page-plugin';

// `page` is a door of its own: whoever draws charts in a bundle of theirs needs no copy as text.
export default library({
  entry: ['src/index.ts', 'src/page.ts'],
  esbuildPlugins: [pagePlugin(import.meta.dirname)],
  noExternal: [/^page:/],
});
