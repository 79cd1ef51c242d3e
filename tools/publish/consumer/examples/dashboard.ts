import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { exportDashboard } from '@resnet/dashboard';

/** Writes the page of a folder without runs, which opens from a file. */
export const example = async () => {
  const directory = mkdtempSync(join(tmpdir(), 'runs-'));
  const page = await exportDashboard({ directory, out: join(directory, 'page') });
  return [page === join(directory, 'page', 'index.html'), readFileSync(page, 'utf8').startsWith('<!doctype html>')];
};
