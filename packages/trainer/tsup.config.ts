import { library } from '../../tsup.base';

// `node` is a door of its own, so that the loop also runs in browsers.
// Shared chunks in CommonJS, too: an error class must be one class through both doors.
export default library({ entry: ['src/index.ts', 'src/node.ts'], splitting: true });
