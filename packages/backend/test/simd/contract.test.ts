import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { cppHeader } from '../../build/contract';
import { encodeJob, encodeTable } from '../../contract/encode';
import { type Fields, type Values, wordsOf } from '../../contract/fields';
import { jobNames, jobs } from '../../contract/jobs';
import { ARGUMENTS, MAX_ARGUMENTS, SCRATCH_STRIDE } from '../../contract/layout';

// AssemblyScript's side is held by every test of a kernel.

const words = (length = MAX_ARGUMENTS) => {
  const ints = new Int32Array(length);
  return { ints, floats: new Float32Array(ints.buffer) };
};

/** Values that are all different, counted from `next`. */
function numbered(fields: Fields, next = { value: 1 }): object {
  return Object.fromEntries(
    Object.entries(fields).map(([name, field]) => {
      if (typeof field === 'object') return [name, numbered(field, next)];
      if (field === 'ints') return [name, [next.value++, next.value++]];
      return [name, field === 'flag' ? true : next.value++];
    }),
  );
}

describe('the contract', () => {
  it.each(jobNames)('puts the arguments of %s where the C++ struct has them', (name) => {
    const to = words();
    const values = numbered(jobs[name]) as Record<string, unknown>;
    encodeJob(name, values as never, to);
    for (const [, field = '', offset] of cppHeader().matchAll(
      new RegExp(`offsetof\\(${name}, (\\w+)\\) == (\\d+)`, 'g'),
    )) {
      const [value] = [values[field]].flat();
      if (typeof value === 'object') continue;
      const at = Number(offset) / 4;
      const kind = (jobs[name] as Fields)[field];
      expect(kind === 'float' ? to.floats[at] : to.ints[at]).toBe(Number(value));
    }
  });

  it('lays nested arguments one behind the other', () => {
    const to = words();
    const values = numbered(jobs.WinogradBackward) as Values<(typeof jobs)['WinogradBackward']>;
    encodeJob('WinogradBackward', values, to);
    expect(to.ints[wordsOf(jobs.WinogradForward)]).toBe(values.filter.x);
  });

  it('has room for the arguments of every job ahead of the heap, and says so where taps are too many', () => {
    expect(ARGUMENTS).toBeGreaterThan(SCRATCH_STRIDE);
    for (const name of jobNames) expect(wordsOf(jobs[name])).toBeLessThan(MAX_ARGUMENTS);
    const args = numbered(jobs.ImplicitGemm) as Values<(typeof jobs)['ImplicitGemm']>;
    const taps = Array.from({ length: MAX_ARGUMENTS }, (_, i) => i);
    expect(() => encodeJob('ImplicitGemm', { ...args, taps }, words())).toThrow(/must fit 512 words, got 535/);
  });

  it('encodes addresses of the upper half, floats and flags', () => {
    const row = { weight: 2 ** 32 - 64, gradient: 0, velocity: 0, nextWeight: 0, nextVelocity: 0, size: 3, decay: 0.5 };
    const ints = encodeTable('Parameter', [row, row]);
    expect(ints.length).toBe(14);
    expect(new Uint32Array(ints.buffer)[7]).toBe(2 ** 32 - 64);
    expect(new Float32Array(ints.buffer)[13]).toBe(0.5);
  });

  it('gives C++ that compiles, where there is a compiler', ({ skip }) => {
    try {
      execFileSync('g++', ['--version'], { stdio: 'ignore' });
    } catch {
      skip('no g++ here');
    }
    const folder = mkdtempSync(join(tmpdir(), 'contract-'));
    try {
      writeFileSync(join(folder, 'contract.cpp'), cppHeader().replace('#pragma once', ''));
      execFileSync('g++', ['-std=c++17', '-Wall', '-Werror', '-fsyntax-only', join(folder, 'contract.cpp')]);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
