/** Measurements over time: a JSON file of entries, and what a new one says beside the last from the same machine. */
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { median } from './alternate.mjs';

/** The rounds of one figure, in seconds, as the history keeps them. */
export const summarize = (seconds) => ({
  median: median(seconds),
  min: Math.min(...seconds),
  max: Math.max(...seconds),
});

/**
 * The entries of a history file, oldest first; none where there is no file.
 *
 * @throws Error that names the file when it is not such a list.
 */
export function readHistory(file) {
  if (!existsSync(file)) return [];
  const entries = parse(readFileSync(file, 'utf8'));
  if (Array.isArray(entries) && entries.every((entry) => entry?.machine && entry.figures)) return entries;
  throw new Error(
    `bench: ${file} must be a JSON list of measurements, and is not. Move it away to begin a new history, or name another with --history.`,
  );
}

function parse(text) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Writes the history whole or not at all. */
export function writeHistory(file, entries) {
  writeFileSync(`${file}.tmp`, `${JSON.stringify(entries, null, 1)}\n`);
  renameSync(`${file}.tmp`, file);
}

/** The newest entry from a machine like this one: processor, threads and Node's major version. */
export const lastFrom = (machine, entries) =>
  entries.findLast((entry) => Object.keys(machine).every((key) => entry.machine[key] === machine[key]));

/**
 * Each figure of `now` beside `before`: `ratio` of the medians, and a verdict. Two figures differ only where their rounds do
 * not overlap: the slowest of one is faster than the fastest of the other.
 *
 * @returns `{ name, median, min, max, ratio?, verdict }`, verdict one of new, faster, slower and same.
 */
export function compare(now, before = {}) {
  return Object.entries(now).map(([name, figure]) => {
    const last = before[name];
    if (!last) return { name, ...figure, verdict: 'new' };
    return { name, ...figure, ratio: figure.median / last.median, verdict: verdict(figure, last) };
  });
}

function verdict(figure, last) {
  if (figure.max < last.min) return 'faster';
  return figure.min > last.max ? 'slower' : 'same';
}

/** The comparison as a table for a terminal, times in milliseconds. */
export function table(rows) {
  const width = Math.max(...rows.map(({ name }) => name.length));
  const line = (name, ...cells) => [name.padEnd(width), ...cells.map((cell) => cell.padStart(9))].join('  ').trimEnd();
  const ms = (seconds) => (1000 * seconds).toFixed(seconds < 0.1 ? 2 : 0);
  return [
    line('', 'median ms', 'fastest', 'slowest', 'to last', 'verdict'),
    ...rows.map((row) =>
      line(row.name, ms(row.median), ms(row.min), ms(row.max), row.ratio?.toFixed(2) ?? '', row.verdict),
    ),
  ];
}
