import { library } from '../../tsup.base';

// `network` is a door of its own: what looks into networks runs in browsers, plots and reports need Node.
export default library({ entry: { index: 'src/index.ts', network: 'src/network/index.ts' }, splitting: true });
