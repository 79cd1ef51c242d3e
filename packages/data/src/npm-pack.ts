import { type ChildProcess, spawn } from 'node:child_process';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { ChecksumError, DownloadError } from './errors';
import { hashFile } from './hash';

/** A version of a package in npm's registry, and what its tarball must be. */
export interface NpmPackage {
  /** Unscoped. */
  readonly name: string;
  /** An exact version. */
  readonly version: string;
  /** Length of the tarball. */
  readonly bytes: number;
  /** SHA-512 of the tarball in base64, without the `sha512-` that npm writes before it. */
  readonly sha512: string;
}

/**
 * Fetches a package's tarball with `npm pack`, so that registry, proxy and credentials are the user's.
 *
 * @param folder Where the tarball is put; it must exist. What npm leaves there after a failure is for the caller to remove.
 * @param signal Ends npm.
 * @returns The tarball's path.
 * @throws DownloadError where there is no npm, or npm cannot fetch the package.
 * @throws ChecksumError where the tarball is not the promised one.
 */
export async function npmPack(wanted: NpmPackage, folder: string, signal?: AbortSignal): Promise<string> {
  const { name, version, bytes, sha512 } = wanted;
  await run(`${name}@${version}`, folder, signal);
  const path = join(folder, `${name}-${version}.tgz`);
  const size = await stat(path).then(
    (found) => found.size,
    () => 0,
  );
  const got = size === bytes ? await hashFile(path, 'sha512', 'base64') : null;
  if (got === sha512) return path;
  throw new ChecksumError(
    `download: npm's ${name}@${version} must have ${bytes} bytes of SHA-512 ${sha512}, got ${got ?? `${size} bytes`}. Nothing was kept; see what \`npm config get registry\` says.`,
  );
}

async function run(spec: string, folder: string, signal?: AbortSignal): Promise<void> {
  const said: Buffer[] = [];
  let failure: Error | null = null;
  const npm = start(spec, folder, signal);
  npm.stderr?.on('data', (chunk) => said.push(chunk));
  npm.on('error', (error) => {
    failure = error;
  });
  // Not before: npm may still write into the folder that the caller removes.
  const code = await new Promise((closed) => npm.on('close', closed));
  if (code === 0) return;
  throw new DownloadError(
    `download: ${spec} must come from npm's registry, got ${signal?.aborted ? 'a signal to stop' : reasonOf(failure, said)}. Try again, or see what \`npm pack ${spec}\` says.`,
    { cause: failure },
  );
}

/** npm is a batch file on Windows, which only a shell runs; the folder alone could hold what a shell reads. */
function start(spec: string, folder: string, signal?: AbortSignal): ChildProcess {
  const shell = process.platform === 'win32';
  const destination = shell ? `"${folder}"` : folder;
  return spawn('npm', ['pack', spec, '--ignore-scripts', '--loglevel', 'error', '--pack-destination', destination], {
    shell,
    stdio: ['ignore', 'ignore', 'pipe'],
    ...(signal && { signal }),
  });
}

/** Why npm did not start, or its first lines about an error, without the path of its log. */
function reasonOf(failure: Error | null, said: readonly Buffer[]): string {
  if (failure) return `no npm that can be run (${failure.message})`;
  const lines = Buffer.concat(said)
    .toString()
    .split('\n')
    .map((line) => line.replace(/^npm (error|ERR!) ?/, '').trim())
    .filter((line) => line && !/complete log of this run/i.test(line));
  return lines.slice(0, 3).join('; ').slice(0, 500) || 'nothing said';
}
