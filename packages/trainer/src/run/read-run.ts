import { lstatSync, readdirSync, statSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { isTemporary, isThere, lockHolder, parseJson, readTextSync, reasonOf } from '@resnet/files';
import type { EvaluationEvent, StepEvent } from '../events';
import { lastOf, readLog } from './run-log';
import { runPaths } from './run-paths';
import { failureOf, type RunStatus } from './run-status';

/** What a run folder says about its run. */
export interface RunSummary extends RunStatus {
  /** Absolute path of the folder. */
  readonly directory: string;
  /** The folder's name. */
  readonly name: string;
  /** Contents of `recipe.json`; null if it cannot be read. */
  readonly recipe: unknown;
  /** Contents of `result.json`; null before the end. */
  readonly result: unknown;
  /** Iterations done. */
  readonly step: number;
  /** Iterations of the whole run; null before its first start. */
  readonly steps: number | null;
  /** Newest step of the log; null before the first. */
  readonly lastStep: StepEvent | null;
  /** Newest validation of the log; null before the first. */
  readonly lastValidation: EvaluationEvent | null;
  /** When something was last written. */
  readonly updated: Date;
}

/** Reads a run folder, also one that another process is writing. Takes no lock and changes nothing. */
export function readRun(directory: string): RunSummary {
  const target = resolve(directory);
  try {
    return summaryOf(target);
  } catch (error) {
    return unreadable(target, error);
  }
}

function summaryOf(target: string): RunSummary {
  const paths = runPaths(target);
  const log = readLog(paths.events);
  const holder = lockHolder(runPaths(target).lock);
  const lastStep = lastOf(log, 'step');
  const start = lastOf(log, 'start');
  const recipe = readJson(paths.recipe);
  const result = readJson(paths.result);
  const error = recipe.error ?? result.error ?? failureOf(log);
  return {
    directory: target,
    name: basename(target),
    status: holder ? 'running' : error ? 'failed' : result.value ? 'finished' : 'interrupted',
    error: holder ? null : error,
    pid: holder?.pid ?? null,
    recipe: recipe.value,
    result: result.value,
    step: Math.max(lastStep?.step ?? 0, start?.step ?? 0),
    steps: start?.steps ?? null,
    lastStep,
    lastValidation: lastOf(log, 'evaluation', (event) => event.split === 'validation'),
    updated: timeOf(lstatSync(isThere(paths.events) ? paths.events : paths.recipe).mtimeMs),
  };
}

/** Of a folder with something in it that is not as a run has it: what its recipe and its result say, and what is wrong. */
function unreadable(target: string, error: unknown): RunSummary {
  const { recipe, result } = runPaths(target);
  return {
    directory: target,
    name: basename(target),
    status: 'failed',
    error: error instanceof Error ? error.message : String(error),
    pid: null,
    recipe: readJson(recipe).value,
    result: readJson(result).value,
    step: 0,
    steps: null,
    lastStep: null,
    lastValidation: null,
    updated: timeOf(statSync(target).mtimeMs),
  };
}

/** As far as a Date reaches: some file systems keep times that it has not. */
const timeOf = (milliseconds: number): Date => new Date(Math.max(-8.64e15, Math.min(8.64e15, milliseconds)));

/** The runs in the folders right below `directory`, by name; folders that are not runs are passed over. */
export const listRuns = (directory: string): RunSummary[] =>
  readdirSync(directory, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && !isTemporary(entry.name))
    .map((entry) => join(directory, entry.name))
    .filter((path) => isThere(runPaths(path).recipe))
    .sort()
    .map(readRun);

/** A recipe of ours has 3 kB. */
const jsonBytes = 16 << 20;

interface Readable {
  value: unknown;
  error: string | null;
}

function readJson(path: string): Readable {
  if (!isThere(path)) return { value: null, error: null };
  try {
    return { value: parseJson(readTextSync(path, { maxBytes: jsonBytes })), error: null };
  } catch (error) {
    return { value: null, error: `readRun: ${path} must hold JSON, got ${reasonOf(error)}. Put it back from a copy.` };
  }
}
