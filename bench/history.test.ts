import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { compare, lastFrom, readHistory, summarize, table, writeHistory } from './history.mjs';

const folder = () => mkdtempSync(join(tmpdir(), 'bench-history-'));
const machine = { cpu: 'A', threads: 2, node: 20 };
const entry = (date: string, where = machine) => ({ date, machine: where, figures: { step: summarize([1]) } });

describe('a measurement beside the last', () => {
  it('differs only where no round overlaps', () => {
    const before = { a: summarize([1, 1.2, 1.1]), b: summarize([1, 1.2, 1.1]), c: summarize([1, 1.2, 1.1]) };
    const now = {
      a: summarize([0.9, 0.7, 0.8]),
      b: summarize([1.3, 1.5, 1.4]),
      c: summarize([1.2, 1.6, 1.4]),
      d: summarize([3]),
    };
    const verdicts = compare(now, before).map(({ name, verdict }) => `${name} ${verdict}`);
    expect(verdicts).toEqual(['a faster', 'b slower', 'c same', 'd new']);
    expect(compare(now, before)[0]?.ratio).toBeCloseTo(0.8 / 1.1);
  });

  it('is a table with a row a figure', () => {
    const rows = table(compare({ step: summarize([0.2, 0.25, 0.3]) }, { step: summarize([0.5]) }));
    expect(rows[1]?.split(/ {2,}/)).toEqual(['step', '250', '200', '300', '0.50', 'faster']);
  });
});

describe('the history', () => {
  it('is compared with the newest entry of the same processor, threads and Node', () => {
    const entries = [
      entry('1'),
      entry('2'),
      entry('3', { ...machine, node: 22 }),
      entry('4', { ...machine, threads: 1 }),
    ];
    expect(lastFrom(machine, entries)?.date).toBe('2');
    expect(lastFrom({ ...machine, cpu: 'B' }, entries)).toBeUndefined();
  });

  it('is empty where there is no file, and comes back as written', () => {
    const file = join(folder(), 'history.json');
    expect(readHistory(file)).toEqual([]);
    writeHistory(file, [entry('1')]);
    expect(readHistory(file)).toEqual([entry('1')]);
  });

  it('refuses a file that is something else, and leaves it as it is', () => {
    for (const text of ['{"a": 1}', '[1]', '[{}]', 'not JSON']) {
      const file = join(folder(), 'history.json');
      writeFileSync(file, text);
      expect(() => readHistory(file)).toThrow(`${file} must be a JSON list of measurements`);
      expect(readFileSync(file, 'utf8')).toBe(text);
    }
  });
});
