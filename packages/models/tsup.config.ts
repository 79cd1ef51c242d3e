import { library } from '../../tsup.base';

// `node` is a door of its own: what browsers import knows no file system.
// Shared chunks in CommonJS, too: an error class must be one class through both doors.
export default library({ entry: ['src/index.ts', 'src/node.ts'], splitting: true });
