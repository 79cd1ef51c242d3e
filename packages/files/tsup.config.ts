import { library } from '../../tsup.base';

// `printable` is a door of its own: what browsers import knows no file system.
export default library({ entry: ['src/index.ts', 'src/printable.ts'], splitting: true });
