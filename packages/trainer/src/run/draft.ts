import { randomUUID } from 'node:crypto';
import * as fs from 'node:fs';
import { basename, dirname, join } from 'node:path';

/** Whether a name is that of a folder still being prepared, or abandoned while it was. */
export const isDraft = (name: string): boolean => /\.creating-[0-9a-f]{8}$/.test(name);

/** Makes a folder beside `target`, to be filled and then moved to its place as a whole; removes those that crashed processes left. */
export function prepareDraft(target: string): string {
  const parent = dirname(target);
  fs.mkdirSync(parent, { recursive: true });
  for (const name of fs.readdirSync(parent)) {
    if (isDraft(name) && name.startsWith(`${basename(target)}.creating-`)) removeIfAbandoned(join(parent, name));
  }
  const draft = `${target}.creating-${randomUUID().slice(0, 8)}`;
  fs.mkdirSync(draft);
  return draft;
}

/** Moves a draft to its place. False, and the draft is gone, if the place already holds something. */
export function moveDraft(draft: string, target: string): boolean {
  try {
    fs.renameSync(draft, target);
    return true;
  } catch (error) {
    fs.rmSync(draft, { recursive: true, force: true });
    if (fs.existsSync(target)) return false;
    throw error;
  }
}

/** Preparing a folder takes milliseconds. */
const abandonedMilliseconds = 60_000;

function removeIfAbandoned(path: string): void {
  const made = fs.statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
  if (Date.now() - made > abandonedMilliseconds) fs.rmSync(path, { recursive: true, force: true });
}
