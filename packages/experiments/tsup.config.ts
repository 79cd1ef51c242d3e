import { library } from '../../tsup.base';

// Doors by what they load: plots (`studies`) and the workload of `bench` stay out of a training run's start.
// `center-view` is loaded by worker threads, by its URL. Shared chunks in CommonJS, too: one class of each error.
export default library({
  entry: {
    index: 'src/index.ts',
    bench: 'src/bench/index.ts',
    studies: 'src/studies/index.ts',
    verify: 'src/verify/index.ts',
    'center-view': 'src/evaluation/center-view.ts',
  },
  splitting: true,
});
