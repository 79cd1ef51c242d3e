import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { ModuleKind, transpileModule } from 'typescript';
import { expect, it } from 'vitest';

it("README's example runs and prints what its comments say", () => {
  const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
  const code = /```ts\n(.*?)```/s.exec(readme)?.[1] ?? '';
  const { outputText } = transpileModule(code, { compilerOptions: { module: ModuleKind.CommonJS } });
  const lines: unknown[][] = [];
  const log = (...values: unknown[]) => lines.push(values);
  new Function('require', 'exports', 'console', outputText)(createRequire(import.meta.url), {}, { log });
  expect(lines).toEqual([['pt', [2, 3]], [6]]);
});
