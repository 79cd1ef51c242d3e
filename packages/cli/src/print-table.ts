import { type ReportTable, textTable } from '@resnet/analysis';
import { print, terminalWidth } from './output';

/** Prints a table that fits the terminal. */
export const printTable = (table: ReportTable): void => print(textTable(table, { width: terminalWidth() }));
