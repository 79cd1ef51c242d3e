import { BackendError } from './errors';

/** Imports an optional package by name. */
export type Load = (name: string) => Promise<unknown>;

/** Imports from where this package is installed. The name is hidden from bundlers, which would insist on finding it. */
export const load: Load = (name) => import(/* @vite-ignore */ /* webpackIgnore: true */ name);

/**
 * Imports the first of `names` that is installed.
 *
 * @param advice The package to install where none is; the last by default.
 * @throws {BackendError} if none is; a package that is installed and fails says why.
 */
export async function loadFirst(
  names: readonly string[],
  load: Load,
  advice = names.at(-1),
): Promise<{ name: string; module: unknown }> {
  const failures: string[] = [];
  for (const name of names) {
    try {
      return { name, module: await load(name) };
    } catch (error) {
      if (!isMissing(error, name)) failures.push(`${name} failed to load: ${firstLine(error)}`);
    }
  }
  throw new BackendError(failures.join('; ') || `not installed (npm install ${advice})`);
}

/** Whether `name` itself is missing, rather than something it needs. */
function isMissing(error: unknown, name: string): boolean {
  if (!(error instanceof Error)) return false;
  return (
    /cannot find|failed to resolve|could not resolve/i.test(error.message) && firstLine(error).includes(`'${name}'`)
  );
}

const firstLine = (error: unknown): string => (error instanceof Error ? error.message : String(error)).split('\n')[0]!;

/** Whether this is Node, where optional packages can be found by name. */
export const inNode = (): boolean => typeof process !== 'undefined' && Boolean(process.versions?.node);
