import { type AnalyzedRuns, writeSection } from '@resnet/experiments/studies';
import { note, print, printJson } from './output';
import { printTable } from './print-table';

/** How findings are printed and saved. */
export interface FindingsOutput {
  /** Folder for a report. Default: only print. */
  out?: string;
  json?: boolean;
}

/** Prints tables and conclusion, or the data as JSON, and writes a report if a folder is named. */
export async function writeFindings(found: AnalyzedRuns, { out, json }: FindingsOutput): Promise<void> {
  const { figures, tables, conclusion } = found.section;
  if (json) printJson(found.data);
  else {
    tables.forEach(printTable);
    conclusion.forEach(print);
  }
  if (out === undefined) return;
  note(`wrote ${await writeSection(found, out)} and ${figures.length} figures as SVG and PNG`);
}
