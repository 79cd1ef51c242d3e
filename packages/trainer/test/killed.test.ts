import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { type CheckpointContents, newestCheckpoint } from '@resnet/trainer';
import { fileCheckpoints } from '@resnet/trainer/node';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { random } from './toys';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'killed-'));
});
afterEach(() => rm(folder, { recursive: true }));

/** Runs until the end, or until `kill` milliseconds after line `line` of the output. Returns what it printed. */
async function life(where: string, line = Number.POSITIVE_INFINITY, kill = 0): Promise<string[]> {
  const script = fileURLToPath(new URL('./killed-run.mjs', import.meta.url));
  const child = spawn(process.execPath, [script, where], { stdio: ['ignore', 'pipe', 'ignore'] });
  const closed = new Promise((resolve) => child.on('close', resolve));
  const lines: string[] = [];
  for await (const text of createInterface(child.stdout)) {
    lines.push(text);
    if (lines.length === line) setTimeout(() => child.kill('SIGKILL'), kill);
  }
  await closed;
  return lines;
}

const bytesOf = ({ tensors, progress, optimizer }: CheckpointContents) => ({
  progress: { ...progress, validation: { ...progress.validation, seconds: 0 } },
  optimizer,
  tensors: [...tensors].map(([name, { data }]) => [name, Buffer.from(data.slice().buffer).toString('hex')]),
});

async function outcome(where: string) {
  const unexpected = (message: string) => expect.unreachable(message);
  const { contents } = (await newestCheckpoint(fileCheckpoints(where), unexpected))!;
  return { log: await readFile(join(where, 'log.jsonl'), 'utf8'), ...bytesOf(contents) };
}

it('a run killed again and again ends as one that was not', { timeout: 120_000 }, async () => {
  const whole = await mkdtemp(join(folder, 'whole-'));
  const killed = await mkdtemp(join(folder, 'killed-'));
  expect((await life(whole)).at(-1)).toBe('end 60');

  const draw = random(11);
  let kills = 0;
  let last: string | undefined;
  while (last !== 'end 60') {
    const lines = await life(killed, 1 + Math.floor(draw() * 40), draw() * 4);
    // No checkpoint is ever damaged, however the process ended.
    expect(lines.filter((text) => text.startsWith('warning'))).toEqual([]);
    last = lines.at(-1);
    if (last !== 'end 60') kills += 1;
  }
  expect(kills).toBeGreaterThan(2);
  expect(await outcome(killed)).toEqual(await outcome(whole));
});
