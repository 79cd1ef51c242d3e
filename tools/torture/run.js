// Everything that tests have no time for: kills, faults, full disks, damaged files, dying threads, fuzzed input.
//   npm run torture [-- PART…] [--quick] [--list]
// Prints one line of figures a part and exits with 1 if any failed.
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { life } from './command.js';
import { parts } from './parts.js';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { quick: { type: 'boolean', default: false }, list: { type: 'boolean', default: false } },
});

const root = fileURLToPath(new URL('../..', import.meta.url));
const names = parts.map(({ name }) => name);
const unknown = positionals.filter((name) => !names.includes(name));
if (unknown.length > 0 || values.list) {
  if (unknown.length > 0) console.error(`torture: a part must be one of ${names.join(', ')}, got ${unknown}.`);
  else console.log(names.join('\n'));
  process.exit(unknown.length > 0 ? 2 : 0);
}

/** Whether a part held. Its figures on one line; all that it said where it did not. */
async function held({ name, command, quick }) {
  const start = performance.now();
  const args = values.quick ? [...command, ...quick] : command;
  const { code, signal, stdout, stderr } = await life([process.execPath, ...args], { cwd: root, seconds: 3600 }).catch(
    (error) => ({ code: null, signal: null, stdout: '', stderr: error.message }),
  );
  const seconds = Math.round((performance.now() - start) / 1000);
  const figures = stdout.trim().replaceAll('\n', '; ');
  console.log(`${name.padEnd(10)} ${code === 0 ? 'ok    ' : 'FAILED'} ${String(seconds).padStart(5)} s  ${figures}`);
  if (code !== 0) console.error(`${name} ended with ${code ?? signal}:\n${stderr}`);
  return code === 0;
}

let failed = 0;
for (const part of parts) {
  if (positionals.length > 0 && !positionals.includes(part.name)) continue;
  if (!(await held(part))) failed += 1;
}
process.exitCode = failed > 0 ? 1 : 0;
