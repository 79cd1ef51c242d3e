import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { UsageError } from '@resnet/experiments';
import { followFolder } from '../follow/folder';
import { answerText } from './answer';
import { routes } from './routes';
import { eventStreams } from './streams';
import { newToken } from './token';

/** Settings of {@link startDashboard}. */
export interface DashboardOptions {
  /** Folder of run folders. Need not exist yet. */
  directory: string;
  /** Interface to listen at. Default `127.0.0.1`: this machine alone. */
  host?: string;
  /** Default: 6886, or the next one that is free. 0: any. */
  port?: number;
  /** The secret in the address. Default: a new one. */
  token?: string;
  /** Milliseconds between two looks. Default 1000. */
  interval?: number;
}

/** A dashboard at work. */
export interface Dashboard {
  /** Address of the page, with its token. */
  readonly url: string;
  /** The port that it listens at. */
  readonly port: number;
  /** Ends it and every stream. */
  close(): Promise<void>;
}

const usualPort = 6886;
const othersTried = 20;

/**
 * Serves a page that follows the runs of a folder while they train, by reading what they write. Nothing is sent anywhere else, and
 * nothing changed, except that a run is asked to stop where somebody with the token asks for it.
 *
 * @throws UsageError where the port is taken.
 */
export async function startDashboard(options: DashboardOptions): Promise<Dashboard> {
  const { directory, host = '127.0.0.1', token = newToken(), interval = 1000 } = options;
  const folder = followFolder(directory);
  await folder.look();
  const streams = eventStreams(folder);
  const guard = { token, host, port: 0 };
  const handle = routes(folder, streams, guard);
  const server = createServer(
    { headersTimeout: 5_000, requestTimeout: 10_000, keepAliveTimeout: 5_000, maxHeaderSize: 8192 },
    (request, response) => {
      handle(request, response).catch(() => {
        if (!response.headersSent) answerText(response, 404, 'dashboard: what was asked for cannot be read.');
        else response.destroy();
      });
    },
  );
  server.maxConnections = 256;
  guard.port = await listen(server, host, options.port);

  let timer: NodeJS.Timeout;
  let isOpen = true;
  const look = async (): Promise<void> => {
    await folder.look().catch(() => false);
    streams.send();
    if (isOpen) timer = setTimeout(look, interval);
  };
  timer = setTimeout(look, interval);
  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${guard.port}/?token=${token}`,
    port: guard.port,
    close: () => {
      isOpen = false;
      clearTimeout(timer);
      streams.close();
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

async function listen(
  server: ReturnType<typeof createServer>,
  host: string,
  port: number | undefined,
): Promise<number> {
  const last = port ?? usualPort + othersTried;
  for (let tried = port ?? usualPort; ; tried++) {
    try {
      await new Promise<void>((resolve, reject) => {
        server.once('error', reject);
        server.listen(tried, host, () => {
          server.off('error', reject);
          resolve();
        });
      });
      return (server.address() as AddressInfo).port;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EADDRINUSE' && tried < last) continue;
      throw new UsageError(
        `dashboard: ${host}:${tried} must be an address that can be listened at, got ${(error as Error).message}. Choose another port.`,
        { option: 'port' },
        { cause: error },
      );
    }
  }
}
