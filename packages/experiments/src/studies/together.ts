import type { Findings } from '@resnet/analysis';

/** Findings one after another. */
export const together = (...findings: readonly Findings[]): Findings => ({
  figures: findings.flatMap(({ figures }) => figures),
  tables: findings.flatMap(({ tables }) => tables),
  conclusion: findings.flatMap(({ conclusion }) => conclusion),
});
