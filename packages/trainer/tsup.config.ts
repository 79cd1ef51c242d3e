import { library } from '../../tsup.base';

// `node` is a door of its own, so that the loop also runs in browsers.
export default library({ entry: ['src/index.ts', 'src/node.ts'] });
