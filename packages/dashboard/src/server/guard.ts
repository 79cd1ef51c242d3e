import { timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { isIP } from 'node:net';

/** Why a request is refused: a status of HTTP and words for whoever sent it. */
export interface Refusal {
  status: 403 | 404 | 405 | 503;
  message: string;
}

/** Whom a server answers. */
export interface GuardOptions {
  /** The secret in the address. */
  token: string;
  /** The interface that the server listens at. */
  host: string;
  /** Its port. */
  port: number;
}

/**
 * Refuses what a page of somebody else's, or a program without the token, may ask. Everything that a browser can be made to send is
 * checked before anything is done:
 *
 * - `Host`: a name of somebody's that leads here (DNS rebinding) is not ours.
 * - `Origin`, and `Sec-Fetch-Site` where there is one: a page of another site.
 * - the token, in constant time.
 */
export function refusalOf(request: IncomingMessage, url: URL, options: GuardOptions): Refusal | null {
  const { host = '', origin } = request.headers;
  const site = request.headers['sec-fetch-site'];
  if (!isOurs(host, options)) return forbidden('the address must be the one that resnet dashboard printed');
  if (origin !== undefined && origin !== `http://${host}`) return forbidden('pages of other sites may not ask');
  if (site !== undefined && site !== 'same-origin' && site !== 'none')
    return forbidden('pages of other sites may not ask');
  if (request.method === 'POST' && origin === undefined)
    return forbidden('a request that changes something must say its origin');
  if (!isToken(tokenOf(request, url), options.token))
    return forbidden('the token must be the one in the address that resnet dashboard printed');
  return null;
}

const forbidden = (message: string): Refusal => ({ status: 403, message: `dashboard: ${message}.` });

/** Whether a `Host` header names this server by a name that nobody else can give it. */
export function isOurs(host: string, { host: listening, port }: Omit<GuardOptions, 'token'>): boolean {
  const [name, ending] = [host.replace(/:\d+$/, ''), host.match(/:(\d+)$/)?.[1] ?? '80'];
  if (Number(ending) !== port) return false;
  if (['127.0.0.1', 'localhost', '[::1]', listening].includes(name.toLowerCase())) return true;
  // Listening at every interface: any address in numbers, which no name server gives away.
  return isIP(listening) !== 0 && !listening.startsWith('127.') && isIP(name.replace(/^\[|\]$/g, '')) !== 0;
}

/** In a header where the page can set one: `EventSource` and pictures cannot. A change is never made by the address alone. */
function tokenOf(request: IncomingMessage, url: URL): string {
  const header = request.headers.authorization?.replace(/^Bearer /, '');
  return (request.method === 'GET' ? (header ?? url.searchParams.get('token')) : header) ?? '';
}

function isToken(given: string, token: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(token)];
  return a.length === b.length && timingSafeEqual(a, b);
}
