import { library } from '../../tsup.base';

// `json` and `printable` are doors of their own: what browsers import knows no file system.
export default library({ entry: ['src/index.ts', 'src/json.ts', 'src/printable.ts'], splitting: true });
