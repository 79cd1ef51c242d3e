import type { ServerResponse } from 'node:http';

/** No address but this server's, nothing inline, no frame, no form. */
const contentPolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

/** Headers of every answer. */
export const safeHeaders = {
  'Content-Security-Policy': contentPolicy,
  'X-Content-Type-Options': 'nosniff',
  'X-Frame-Options': 'DENY',
  'Referrer-Policy': 'no-referrer',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cache-Control': 'no-store',
} as const;

/** Ends a response. */
export function answer(
  response: ServerResponse,
  status: number,
  type: string,
  body: string | Uint8Array,
  more: Record<string, string> = {},
): void {
  response.writeHead(status, {
    ...safeHeaders,
    'Content-Type': type,
    'Content-Length': Buffer.byteLength(body),
    ...more,
  });
  response.end(response.req.method === 'HEAD' ? undefined : body);
}

/** Ends a response with words. */
export const answerText = (
  response: ServerResponse,
  status: number,
  message: string,
  more?: Record<string, string>,
): void => answer(response, status, 'text/plain; charset=utf-8', `${message}\n`, more);

/** Ends a response with JSON. */
export const answerJson = (response: ServerResponse, value: unknown): void =>
  answer(response, 200, 'application/json', JSON.stringify(value));
