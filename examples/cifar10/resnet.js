import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

const command = join(dirname(createRequire(import.meta.url).resolve('@resnet/cli/package.json')), 'bin/resnet.js');

/** Runs `resnet` with this terminal; fails as it fails. A signal reaches it too, and it ends by itself with a checkpoint. */
export const resnet = (...args) =>
  new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [command, ...args.map(String)], { stdio: 'inherit' });
    const wait = () => {};
    process.on('SIGINT', wait);
    child.on('error', reject);
    child.on('exit', (code, signal) => {
      process.off('SIGINT', wait);
      if (code === 0) resolve();
      else process.exit(code ?? (signal === 'SIGINT' ? 130 : 143));
    });
  });

/** Trains in `directory`, going on where an earlier call stopped; does nothing where it finished. */
export async function trainOnce(directory, recipe, ...flags) {
  if (existsSync(join(directory, 'result.json'))) return;
  if (existsSync(join(directory, 'recipe.json'))) await resnet('train', '--resume', directory);
  else await resnet('train', recipe, ...flags, '--out', directory);
}
