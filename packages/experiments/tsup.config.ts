import { library } from '../../tsup.base';

// Doors by what they load: plots (`studies`) stay out of a training run's start.
// Shared chunks in CommonJS, too: an error class must be one class through all doors.
export default library({
  entry: {
    index: 'src/index.ts',
    bench: 'src/bench/index.ts',
    classifier: 'src/classifier/index.ts',
    'classifier/browser': 'src/classifier/browser.ts',
    studies: 'src/studies/index.ts',
    verify: 'src/verify/index.ts',
  },
  splitting: true,
});
