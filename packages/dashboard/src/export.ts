import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { runFiles } from '@resnet/experiments';
import { runEvaluation } from '@resnet/experiments/studies';
import { makeFolder, readBytes, writeDurably } from '@resnet/files';
import { pageScript, pageStyle } from './assets';
import { followFolder } from './follow/folder';
import { runLayers } from './follow/layers';
import type { FollowedRun } from './follow/run';
import type { RunDetails } from './page/details';
import type { ExportedRuns } from './page/source';
import { seriesSince } from './server/series';

/** Settings of {@link exportDashboard}. */
export interface ExportOptions {
  /** Folder of run folders. */
  directory: string;
  /** Folder that `index.html` is written to. Made where it is not there. */
  out: string;
}

/**
 * Writes the dashboard of a folder, as it is now, as one page that opens from a file: no server, no other file, no address outside.
 *
 * @returns The path of the page.
 */
export async function exportDashboard({ directory, out }: ExportOptions): Promise<string> {
  const folder = followFolder(directory);
  await folder.look();
  const runs = [...folder.runs.values()].filter(({ view }) => view !== null);
  const data: ExportedRuns = {
    runs: runs.map(({ view }) => view!),
    series: runs.flatMap((run) => seriesSince(run.view!.name, run.metrics.metrics, new Map()) ?? []),
    details: Object.fromEntries(await Promise.all(runs.map(async (run) => [run.view!.name, await detailsOf(run)]))),
    samples: Object.fromEntries(
      (await Promise.all(runs.map(async (run) => [run.view!.name, await samplesOf(run)] as const))).filter(
        (entry): entry is [string, string] => entry[1] !== null,
      ),
    ),
    written: new Date().toISOString(),
  };
  await makeFolder(out);
  const page = join(out, 'index.html');
  // The folder is the caller's own.
  await writeDurably(page, pageOf(data), { links: 'follow' });
  return page;
}

async function detailsOf({ directory }: FollowedRun): Promise<RunDetails> {
  try {
    return { evaluation: runEvaluation(directory), layers: await runLayers(directory) };
  } catch {
    return { evaluation: null, layers: null };
  }
}

async function samplesOf({ directory, view }: FollowedRun): Promise<string | null> {
  if (!view!.samples) return null;
  const png = await readBytes(runFiles(directory).samples, { maxBytes: 16 << 20 }).catch(() => null);
  return png && `data:image/png;base64,${Buffer.from(png).toString('base64')}`;
}

const sha256 = (text: string): string => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;

/** Scripts and styles by their hashes alone; data that ends no element. */
const pageOf = (data: ExportedRuns): string => `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; style-src ${sha256(pageStyle)}; script-src ${sha256(pageScript)}; base-uri 'none'; form-action 'none'">
<title>resnet dashboard</title><link rel="icon" href="data:,"><style>${pageStyle}</style></head>
<body><noscript>This page needs scripts. Each run's report.html does not.</noscript><main id="dashboard"></main>
<script type="application/json">${JSON.stringify(data).replaceAll('<', '\\u003c')}</script><script>${pageScript}</script></body></html>
`;
