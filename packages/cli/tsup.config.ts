import { library } from '../../tsup.base';

// ESM only, split by command: `resnet --help` must not load TensorFlow.js. `views` is loaded by worker threads, by its URL.
export default library({
  entry: { main: 'src/main.ts', views: 'src/training/views.ts' },
  format: ['esm'],
  dts: false,
  splitting: true,
  shims: false,
});
