import { readFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { basename, join } from 'node:path';

/** What makes a page cross-origin isolated, without which browsers give no shared memory. */
const isolation = { 'Cross-Origin-Opener-Policy': 'same-origin', 'Cross-Origin-Embedder-Policy': 'require-corp' };

/** Serves `folder` on 127.0.0.1: below `/isolated/` with the headers for isolation, below `/plain/` without. */
export async function serve(folder: string): Promise<{ url: string; server: Server }> {
  const server = createServer(async (request, response) => {
    const path = request.url ?? '';
    const file = path.endsWith('/') ? 'index.html' : basename(path);
    const headers = path.startsWith('/isolated/') ? isolation : {};
    try {
      const body =
        file === 'index.html'
          ? '<!doctype html><script type="module" src="page.js"></script>'
          : await readFile(join(folder, file));
      response
        .writeHead(200, { 'Content-Type': file.endsWith('.js') ? 'text/javascript' : 'text/html', ...headers })
        .end(body);
    } catch {
      response.writeHead(404, headers).end();
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('serve: the server must listen on a port');
  return { url: `http://127.0.0.1:${address.port}`, server };
}
