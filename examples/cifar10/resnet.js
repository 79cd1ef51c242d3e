import { execFileSync, spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { isDeepStrictEqual, parseArgs } from 'node:util';

const command = join(dirname(createRequire(import.meta.url).resolve('@resnet/cli/package.json')), 'bin/resnet.js');

/** The options of this script; explains them and ends where they cannot be. */
export function optionsOf(usage, options) {
  try {
    return parseArgs({ options }).values;
  } catch (error) {
    end(`${error.message}\n${usage}`);
  }
}

/** Says why and ends: exit code 2, a mistake in the call. */
export function end(message) {
  console.error(message);
  process.exit(2);
}

/** npm runs a script in its own folder: a path is meant from where the user stands. */
export const fromUser = (path) => resolve(process.env.INIT_CWD ?? '.', path);

/** Runs `resnet` with this terminal; fails as it fails. A signal reaches it too, and it ends by itself with a checkpoint. */
export const resnet = (...args) =>
  new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [command, ...args.map(String)], { stdio: 'inherit' });
    // A terminal sends Ctrl-C to both; whoever sends SIGTERM knows of this process alone.
    const wait = () => {};
    const forward = () => child.kill('SIGTERM');
    process.on('SIGINT', wait).on('SIGTERM', forward);
    child.on('error', reject);
    child.on('exit', (code, signal) => {
      process.off('SIGINT', wait).off('SIGTERM', forward);
      if (code === 0) resolve();
      else process.exit(code ?? (signal === 'SIGINT' ? 130 : 143));
    });
  });

/** Trains in `directory`, going on where an earlier call stopped; does nothing where it finished. */
export async function trainOnce(directory, recipe, ...flags) {
  const saved = join(directory, 'recipe.json');
  if (!existsSync(saved)) return resnet('train', recipe, ...flags, '--out', directory);
  const wanted = resolved(recipe, flags);
  if (!isDeepStrictEqual(facts(JSON.parse(readFileSync(saved, 'utf8'))), facts(wanted))) {
    end(`${directory} holds a run of another recipe. Choose another --out, or remove it.`);
  }
  if (!existsSync(join(directory, 'result.json'))) await resnet('train', '--resume', directory);
}

const resolved = (recipe, flags) =>
  JSON.parse(
    execFileSync(process.execPath, [command, 'train', recipe, ...flags.map(String), '--dry-run'], { encoding: 'utf8' }),
  );

/** What is computed, without where. */
const facts = ({ recipe: { backend, threads, workers, ...rest } }) => rest;
