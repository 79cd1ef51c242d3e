import { spawn } from 'node:child_process';
import { type Dashboard, exportDashboard, keptToken, startDashboard } from '@resnet/dashboard';
import { cacheFolder } from '@resnet/data';
import { stopOnSignal } from '@resnet/trainer/node';
import { note, print, printJson } from '../output';

/** Flags of `resnet dashboard`. */
export interface DashboardFlags {
  port?: number;
  host?: string;
  open?: boolean;
  export?: string;
  json?: boolean;
}

/** `resnet dashboard`. */
export async function dashboard(directory: string, flags: DashboardFlags): Promise<void> {
  if (flags.export !== undefined) {
    const page = await exportDashboard({ directory, out: flags.export });
    return flags.json ? printJson({ page }) : print(page);
  }
  const stop = stopOnSignal();
  try {
    const { close, url } = await openDashboard(directory, flags);
    if (flags.json) printJson({ url });
    else print(`${directory}: ${url}\nCtrl-C ends it; runs go on.`);
    await new Promise((resolve) => stop.signal.addEventListener('abort', resolve));
    await close();
  } finally {
    stop.release();
  }
}

/** Starts the page that follows a folder of runs; the caller closes it. */
export async function openDashboard(directory: string, { port, host, open }: DashboardFlags): Promise<Dashboard> {
  const started = await startDashboard({
    directory,
    token: process.env.RESNET_DASHBOARD_TOKEN || (await keptToken(cacheFolder())),
    ...(port !== undefined && { port }),
    ...(host !== undefined && { host }),
  });
  if (host !== undefined && !/^(127\.|localhost$|::1$)/.test(host)) {
    note(
      `warning: ${host} may be reached by other machines, without encryption: whoever reads the address on the way can follow and stop these runs.`,
    );
  }
  if (open) openInBrowser(started.url);
  return started;
}

const openers: Partial<Record<NodeJS.Platform, readonly string[]>> = {
  darwin: ['open'],
  win32: ['cmd', '/c', 'start', ''],
};

/** Best effort: the address is printed as well. */
function openInBrowser(url: string): void {
  const [command, ...before] = openers[process.platform] ?? ['xdg-open'];
  spawn(command!, [...before, url], { detached: true, stdio: 'ignore' })
    .on('error', () => note('no browser could be opened: open the address yourself'))
    .unref();
}
