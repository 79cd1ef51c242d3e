import fc from 'fast-check';

// Properties are tried on the same cases every time, so that a test which fails tells of the change and not of luck. `npm run torture -- properties`
// tries others; PROPERTY_SEED repeats what it found.
fc.configureGlobal({ ...fc.readConfigureGlobal(), seed: Number(process.env.PROPERTY_SEED ?? 1) });
