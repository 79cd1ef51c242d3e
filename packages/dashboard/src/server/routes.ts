import type { IncomingMessage, ServerResponse } from 'node:http';
import { runFiles } from '@resnet/experiments';
import { runEvaluation } from '@resnet/experiments/studies';
import { readBytes } from '@resnet/files';
import { requestStop } from '@resnet/trainer/node';
import { pageScript, pageStyle } from '../assets';
import type { FollowedFolder } from '../follow/folder';
import { runLayers } from '../follow/layers';
import type { FollowedRun } from '../follow/run';
import { liveShell } from '../shell';
import { answer, answerJson, answerText } from './answer';
import { type GuardOptions, isOurs, refusalOf } from './guard';
import type { Streams } from './streams';

/** Answers one request. */
export type Routes = (request: IncomingMessage, response: ServerResponse) => Promise<void>;

/** The dashboard's own script and style sheet: whoever has the address may have them, as they say nothing of any run. */
const assets: Readonly<Record<string, readonly [type: string, body: string]>> = {
  '/app.js': ['text/javascript; charset=utf-8', pageScript],
  '/app.css': ['text/css; charset=utf-8', pageStyle],
};

/** Larger pictures are none of ours. */
const mostBytes = 16 << 20;

/** All that the server does. Runs are named, never paths: a name that is not in the folder is not there. */
export function routes(folder: FollowedFolder, streams: Streams, guard: GuardOptions): Routes {
  const stop = async (run: FollowedRun, response: ServerResponse) => {
    if (run.view?.status !== 'running')
      return answerText(response, 404, 'dashboard: the run must be running. Look again.');
    await requestStop(run.directory);
    answerJson(response, { stopping: run.view.name });
  };
  const details = async ({ directory }: FollowedRun, response: ServerResponse) =>
    answerJson(response, { evaluation: runEvaluation(directory), layers: await runLayers(directory) });
  const samples = async ({ directory }: FollowedRun, response: ServerResponse) => {
    const bytes = await readBytes(runFiles(directory).samples, { maxBytes: mostBytes, who: 'dashboard' });
    if (!isPng(bytes)) return answerText(response, 404, 'dashboard: samples.png must be a PNG picture.');
    answer(response, 200, 'image/png', bytes);
  };
  const ofRuns = { '/details': details, '/samples': samples } as const;

  return async (request, response) => {
    const url = new URL(request.url ?? '/', 'http://here');
    const { pathname } = url;
    if (request.method !== 'GET' && !(request.method === 'POST' && pathname === '/stop')) {
      return answerText(response, 405, 'dashboard: only GET is answered, and POST of /stop.', { Allow: 'GET' });
    }
    const asset = Object.hasOwn(assets, pathname) ? assets[pathname] : undefined;
    if (asset && isOurs(request.headers.host ?? '', guard)) return answer(response, 200, ...asset);
    const refusal = refusalOf(request, url, guard);
    if (refusal) return answerText(response, refusal.status, refusal.message);
    if (pathname === '/') return answer(response, 200, 'text/html; charset=utf-8', liveShell);
    if (pathname === '/events') {
      if (!streams.open(response))
        answerText(response, 503, 'dashboard: too many pages look at once. Close some.', { 'Retry-After': '30' });
      return;
    }
    const action =
      pathname === '/stop' ? stop : Object.hasOwn(ofRuns, pathname) ? ofRuns[pathname as keyof typeof ofRuns] : null;
    const run = folder.runs.get(url.searchParams.get('run') ?? '');
    if (action && run && (pathname === '/stop') === (request.method === 'POST')) return action(run, response);
    answerText(response, 404, 'dashboard: there is no such page or run.');
  };
}

const isPng = (bytes: Uint8Array): boolean =>
  Buffer.from(bytes.subarray(0, 8)).toString('latin1') === '\x89PNG\r\n\x1a\n';
