import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs';
import { ModuleKind, transpileModule } from 'typescript';
import { expect, it } from 'vitest';

it("README's example learns, resumes and prints what its comments promise", async () => {
  await tf.setBackend('cpu');
  const folder = mkdtempSync(join(tmpdir(), 'example-'));
  const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
  const code = (/```ts\n(.*?)```/s.exec(readme)?.[1] ?? '').replace('run/checkpoints', join(folder, 'checkpoints'));
  const { outputText } = transpileModule(code, { compilerOptions: { module: ModuleKind.CommonJS } });
  const run = async () => {
    const lines: unknown[][] = [];
    const log = (...values: unknown[]) => lines.push(values);
    const body = `return (async () => {${outputText}})()`;
    await new Function('require', 'exports', 'console', body)(createRequire(import.meta.url), {}, { log });
    return lines;
  };
  try {
    expect((await run()).at(-1)).toEqual(['end', 200, true]);
    expect(readdirSync(join(folder, 'checkpoints'))).toContain('step-00000200.safetensors');
    // A second start finds the run finished.
    expect(await run()).toEqual([['end', 200, true]]);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
