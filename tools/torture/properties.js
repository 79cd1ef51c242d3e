// Tries every property of the tests on other cases than `npm test` does. One that fails is shrunk and printed with its seed:
// PROPERTY_SEED=… npx vitest run FILE repeats it.
//   node tools/torture/properties.js [--seeds 20] [--seed 1]
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { life, must } from './command.js';
import { randomFrom } from './random.js';

const { values } = parseArgs({
  options: { seeds: { type: 'string', default: '20' }, seed: { type: 'string', default: '1' } },
});
const root = fileURLToPath(new URL('../..', import.meta.url));
const vitest = join(root, 'node_modules/vitest/vitest.mjs');
const random = randomFrom(Number(values.seed));

const hasProperties = (file) => readFileSync(join(root, file), 'utf8').includes("from 'fast-check'");
const files = readdirSync(join(root, 'packages'))
  .flatMap((name) =>
    readdirSync(join(root, 'packages', name, 'test'), { recursive: true }).map(
      (file) => `packages/${name}/test/${file}`,
    ),
  )
  .filter((file) => file.endsWith('.test.ts') && hasProperties(file));

let passed = 0;
for (let i = 0; i < Number(values.seeds); i++) {
  const seed = Math.floor(random() * 2 ** 31);
  const { code, stdout, stderr } = await life([process.execPath, vitest, 'run', ...files], {
    cwd: root,
    env: { PROPERTY_SEED: String(seed), NO_COLOR: '1' },
  });
  must(code === 0, `properties must hold for PROPERTY_SEED=${seed}, got\n${stdout}\n${stderr}`);
  passed += Number(stdout.match(/^(\d+) passed, 0 failed/m)?.[1] ?? 0);
}
must(passed > 0, 'tests must run');
console.log(`${files.length} files of tests with ${values.seeds} other seeds, ${passed} tests passed`);
