import { library } from '../../tsup.base';

// `node` is a door of its own: what browsers import knows no file system.
export default library({ entry: ['src/index.ts', 'src/node.ts'] });
