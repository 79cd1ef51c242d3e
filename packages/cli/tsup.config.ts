import { library } from '../../tsup.base';

// ESM only, split by command: `resnet --help` must not load TensorFlow.js.
export default library({
  entry: { main: 'src/main.ts' },
  format: ['esm'],
  dts: false,
  splitting: true,
  shims: false,
});
