import { type ReportTable, textTable } from '@resnet/analysis';
import { print } from './output';

/** Prints a table that fits the terminal. Elsewhere it fits 80 columns, or as many as COLUMNS says. */
export const printTable = (table: ReportTable): void => print(textTable(table, { width: terminalWidth() }));

const terminalWidth = (): number => {
  const columns = process.stdout.columns ?? Number(process.env.COLUMNS);
  return columns > 0 ? columns : 80;
};
