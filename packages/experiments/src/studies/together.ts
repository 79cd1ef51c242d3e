import type { Findings } from '@resnet/analysis';

/** Several findings as one, in order. */
export const together = (...findings: readonly Findings[]): Findings => ({
  figures: findings.flatMap(({ figures }) => figures),
  tables: findings.flatMap(({ tables }) => tables),
  conclusion: findings.flatMap(({ conclusion }) => conclusion),
});
