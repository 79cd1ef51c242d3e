const own = (name) => `tools/torture/${name}.js`;
const trainer = 'packages/trainer/scripts/torture.mjs';

/**
 * What `npm run torture` runs, in this order. Each part is a program of its own: what it prints are its figures, and it fails with an
 * exit code.
 */
export const parts = [
  { name: 'resume', command: [own('resume')], quick: ['--kills', '3', '--steps', '40', '--data', 'shapes10'] },
  { name: 'kills', command: [trainer, 'kills'], quick: ['n=20'] },
  { name: 'faults', command: [own('faults')], quick: ['--every', '9'] },
  { name: 'signals', command: [trainer, 'signals'], quick: ['n=5'] },
  { name: 'terminal', command: [own('terminal')], quick: ['--times', '1'] },
  { name: 'locks', command: [trainer, 'locks'], quick: ['n=5'] },
  { name: 'limits', command: [trainer, 'disk'], quick: [] },
  { name: 'disk', command: [own('disk')], quick: [] },
  { name: 'full', command: [own('full')], quick: [] },
  { name: 'damage', command: [own('damage')], quick: ['--flips', '100', '--cuts', '20'] },
  { name: 'strangers', command: [own('strangers')], quick: [] },
  { name: 'company', command: [own('company')], quick: [] },
  { name: 'divergence', command: [own('divergence')], quick: ['--times', '3'] },
  { name: 'threads', command: [own('threads')], quick: ['--times', '5'] },
  { name: 'runtimes', command: [own('runtimes')], quick: [] },
  { name: 'processes', command: [own('processes')], quick: [] },
  { name: 'properties', command: [own('properties')], quick: ['--seeds', '1'] },
  { name: 'headers', command: ['packages/safetensors/scripts/torture.mjs'], quick: ['5000'] },
  { name: 'pickles', command: ['packages/models/scripts/torture.mjs'], quick: ['2000'] },
];
