import {
  comparisonAsTable,
  comparisonTable,
  comparisonVerdicts,
  summarizeSample as describeSample,
  type RunRecord,
  welchInterval,
} from '@resnet/analysis';
import { describe, expect, it } from 'vitest';

const a = [0.258, 0.261, 0.255];
const b = [0.288, 0.281, 0.29, 0.284];

const run = (name: string, seed: number, testError: number): RunRecord => ({
  name,
  seed,
  testError,
  parameters: 269_722,
  steps: 2000,
  train: [],
  validation: [],
  trainError: 0.2,
  secondsPerStep: 0.2,
});

describe('summarizeSample', () => {
  it('gives the sample standard deviation', () => {
    const { mean, std, n } = describeSample(a);
    expect(mean).toBeCloseTo(0.258, 12);
    expect(std).toBeCloseTo(0.003, 12);
    expect(n).toBe(3);
  });

  it('knows no deviation of one value', () => expect(describeSample([0.1]).std).toBeNaN());
});

describe('welchInterval', () => {
  // numpy for means and variances, the t quantile by numerical integration of its density.
  it('matches an independent computation', () => {
    const { difference, low, high, degrees } = welchInterval(a, b);
    expect(difference).toBeCloseTo(-0.02775, 12);
    expect(degrees).toBeCloseTo(4.987241244629603, 9);
    expect(low).toBeCloseTo(-0.02775 - 0.006836674866, 7);
    expect(high).toBeCloseTo(-0.02775 + 0.006836674866, 7);
  });

  it('has no interval for a single run', () => expect(welchInterval([0.1], b).low).toBeNaN());

  it('does not divide by zero when the seeds agree exactly', () =>
    expect(welchInterval([0.2, 0.2], [0.1, 0.1])).toMatchObject({ low: 0.1, high: 0.1 }));
});

describe('comparisonTable', () => {
  const rows = comparisonTable([...b.map((e, i) => run('plain20', i, e)), ...a.map((e, i) => run('resnet20', i, e))]);

  it('gathers seeds under their net', () => {
    expect(rows.map(({ name, seeds }) => [name, seeds])).toEqual([
      ['plain20', [0, 1, 2, 3]],
      ['resnet20', [0, 1, 2]],
    ]);
    expect(rows[0]!.difference).toBeNull();
  });

  it('calls a difference one where the interval excludes zero', () => {
    expect(comparisonVerdicts(rows)).toEqual([
      "resnet20's test error is 2.77 points lower than plain20's (95 % interval -3.46 to -2.09 points, 3 and 4 seeds).",
    ]);
  });

  it('says so where it does not', () => {
    const [sentence] = comparisonVerdicts(
      comparisonTable([run('x', 0, 0.2), run('x', 1, 0.3), run('y', 0, 0.24), run('y', 1, 0.28)]),
    );
    expect(sentence).toContain('do not tell apart');
  });

  it('draws no conclusion from single runs', () => {
    expect(comparisonVerdicts(comparisonTable([run('x', 0, 0.2), run('y', 0, 0.1)]))[0]).toContain(
      'in a single pair of runs; more seeds are needed',
    );
    expect(comparisonVerdicts(comparisonTable([run('x', 0, 0.2), run('x', 1, 0.3), run('y', 0, 0.1)]))[0]).toBe(
      "y's test error is 15.00 points lower than x's (1 and 2 seeds); more seeds are needed to call it a difference.",
    );
  });

  it('has a column for the paper where the paper has one of the nets', () => {
    const paper = { ...run('x', 0, 0.2), paperError: 0.0875 };
    const columnsOf = (records: RunRecord[]) => comparisonAsTable(comparisonTable(records)).columns;
    expect(columnsOf([run('x', 0, 0.2), run('y', 0, 0.1)])).not.toContain('paper (%)');
    expect(columnsOf([paper, run('y', 0, 0.1)])).toContain('paper (%)');
    expect(comparisonAsTable(comparisonTable([paper, run('y', 0, 0.1)])).rows.map((row) => row[6])).toEqual([
      '8.75',
      '–',
    ]);
  });

  it('says what was not measured', () => {
    const rows = comparisonTable([run('x', 0, 0.2), run('y', 0, Number.NaN)]);
    expect(comparisonVerdicts(rows)).toEqual([
      "y's test error cannot be compared with x's: it was not measured in every run.",
    ]);
    expect(comparisonAsTable(rows).rows[1]![5]).toBe('–');
  });
});
