import { type ReportTable, textTable } from '@resnet/analysis';
import { print } from './output';

/** Prints a table that fits the terminal. */
export const printTable = (table: ReportTable): void => print(textTable(table, { width: terminalWidth() }));

/** Columns of the terminal. Elsewhere 80, or as many as COLUMNS says. */
export const terminalWidth = (): number => {
  const columns = process.stdout.columns ?? Number(process.env.COLUMNS);
  return columns > 0 ? columns : 80;
};
