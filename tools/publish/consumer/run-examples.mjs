// Runs the compiled examples of one module format, `.mjs` or `.cjs`, and prints a line of JSON for each.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const [extension, ...names] = process.argv.slice(2);
const folder = mkdtempSync(join(tmpdir(), 'examples-'));
for (const name of names) {
  const outcome = await import(`./${name}${extension}`)
    .then(({ example }) => example(folder))
    .catch((error) => ({ error: String(error?.stack ?? error) }));
  process.stdout.write(`${JSON.stringify([name, outcome])}\n`);
}
rmSync(folder, { recursive: true });
