// What the parts have in common: the real command in a process of its own, and what to look at afterwards.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { newestCheckpoint } from '@resnet/trainer';
import { fileCheckpoints } from '@resnet/trainer/node';

/** The command as users run it. */
export const resnetPath = fileURLToPath(new URL('../../packages/cli/bin/resnet.js', import.meta.url));

/** Ends the part: what must hold does not. */
export function must(holds, what) {
  if (!holds) throw new Error(`torture: ${what}`);
}

/** A folder that is gone when the process ends; with `fast` in memory, where flushing costs nothing. */
export function temporaryFolder({ fast = false } = {}) {
  const parent = fast && existsSync('/dev/shm') ? '/dev/shm' : tmpdir();
  const folder = mkdtempSync(join(parent, 'resnet-torture-'));
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/**
 * Runs a program to its end. A life of over `seconds` counts as a hang.
 *
 * @param command Program and arguments.
 * @param meanwhile Called once with the child.
 */
export const life = ([program, ...args], { env = {}, meanwhile = () => {}, seconds = 240, cwd } = {}) =>
  new Promise((resolve, reject) => {
    const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, ...env }, cwd });
    const said = { stdout: '', stderr: '' };
    for (const name of ['stdout', 'stderr']) {
      child[name].on('data', (chunk) => {
        said[name] += chunk;
      });
    }
    const hang = setTimeout(() => {
      child.kill('SIGKILL');
      reject(new Error(`torture: ${args.join(' ')} must end, but hung for ${seconds} s:\n${said.stderr}`));
    }, seconds * 1000);
    child.on('error', reject);
    child.on('close', (code, signal) => {
      clearTimeout(hang);
      resolve({ code, signal, ...said });
    });
    meanwhile(child, said);
  });

/** `resnet …` */
export const resnet = (args, options) => life([process.execPath, resnetPath, ...args], options);

/** A run of a few seconds: 75,290 parameters on generated images. Later flags override earlier ones. */
export const smallRun = (directory, ...more) => [
  'train', 'shapes10', '--model', 'resnet8', '--steps', '12', '--batch-size', '32', '--milestones', '6', '--validate-every', '0',
  '--hold-out', '0', '--checkpoint-every', '4', '--backend', 'simd', '--out', directory, ...more,
]; // biome-ignore format: a command line

export const sha256 = (file) => createHash('sha256').update(readFileSync(file)).digest('hex');

/** The step of the newest checkpoint, which must be whole; 0 without any. */
export async function wholeStep(directory) {
  const store = fileCheckpoints(join(directory, 'checkpoints'));
  const found = await newestCheckpoint(store, (message) => must(false, message));
  return found?.contents.progress.step ?? 0;
}

/** What crashes may leave behind for the next start to sweep, and a finished run must not have. */
export const leftovers = (directory) =>
  [directory, join(directory, 'checkpoints')]
    .filter((folder) => existsSync(folder))
    .flatMap((folder) => readdirSync(folder).filter((name) => name.endsWith('.tmp')));

/** Resumes a run to its end, whose weights must be those of a run that nothing happened to. */
export async function mustResumeTo(directory, weights, options) {
  const { code, stderr } = await resnet(['train', '--resume', directory], options);
  must(code === 0, `${directory} must resume to its end, got ${code}: ${stderr}`);
  must(sha256(join(directory, 'weights.safetensors')) === weights, `${directory} must end as if nothing had happened`);
  must(leftovers(directory).length === 0, `left over: ${leftovers(directory)}`);
}

/** The weights of a small run that nothing happens to. */
export async function undisturbed(...more) {
  const directory = join(temporaryFolder(), 'whole');
  const { code, stderr } = await resnet(smallRun(directory, ...more));
  must(code === 0, `an undisturbed run must finish, got ${code}: ${stderr}`);
  return sha256(join(directory, 'weights.safetensors'));
}
