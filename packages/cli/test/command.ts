import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const command = fileURLToPath(new URL('../bin/resnet.js', import.meta.url));

/** How a command ended and what it said. */
export interface Outcome {
  code: number | null;
  stdout: string;
  stderr: string;
}

/** An empty folder that no other test has. */
export const emptyFolder = (): string => mkdtempSync(join(tmpdir(), 'resnet-cli-'));

/** Runs the built command. `meanwhile` hears what it says on stderr while it runs; `cwd` is where it runs. */
export const resnet = (
  args: readonly string[],
  meanwhile?: (stderr: string, child: ChildProcess) => void,
  cwd?: string,
): Promise<Outcome> =>
  new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [command, ...args], { stdio: ['ignore', 'pipe', 'pipe'], cwd });
    const said = { stdout: '', stderr: '' };
    child.stdout.on('data', (chunk: Buffer) => {
      said.stdout += chunk.toString();
    });
    child.stderr.on('data', (chunk: Buffer) => {
      said.stderr += chunk.toString();
      meanwhile?.(said.stderr, child);
    });
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, ...said }));
  });
