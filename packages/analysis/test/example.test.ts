import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import * as tf from '@tensorflow/tfjs';
import { ModuleKind, ScriptTarget, transpileModule } from 'typescript';
import { expect, it } from 'vitest';

it("README's example runs and prints what its comments say", async () => {
  await tf.setBackend('cpu');
  const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
  const code = /```ts\n(.*?)```/s.exec(readme)?.[1] ?? '';
  const compilerOptions = { module: ModuleKind.CommonJS, target: ScriptTarget.ES2022 };
  const { outputText } = transpileModule(code, { compilerOptions });
  const lines: unknown[][] = [];
  const log = (...values: unknown[]) => lines.push(values);
  const run = new Function('require', 'exports', 'console', `return (async () => {${outputText}})()`);
  await run(createRequire(import.meta.url), {}, { log });
  expect(lines).toEqual([
    ['conv', true],
    [
      expect.stringContaining(
        "residual's test error is 2.50 points lower than plain's, which these seeds do not tell apart from no difference",
      ),
    ],
    [true],
  ]);
});
