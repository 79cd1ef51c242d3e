import { createReadStream } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Tarball } from './pack.js';
import { publishedFolders } from './pack.js';
import { readManifest } from './packages';

/** A registry of our packages alone, on this machine, for npm's setting `@resnet:registry`. */
export interface Registry {
  readonly url: string;
  close(): void;
}

/** Serves packed packages as npm's registry would after a release: one version each, with its integrity. */
export async function serve(tarballs: readonly Tarball[]): Promise<Registry> {
  const manifests = new Map(publishedFolders.map(readManifest).map((manifest) => [manifest.name, manifest]));
  const server = createServer(({ url = '' }, response) => {
    const wanted = decodeURIComponent(url.slice(1));
    const tarball = tarballs.find(({ name }) => wanted === name || wanted === `${name}.tgz`);
    if (!tarball) return response.writeHead(404).end('{}');
    if (wanted.endsWith('.tgz')) return createReadStream(tarball.file).pipe(response);
    const manifest = manifests.get(tarball.name)!;
    const dist = { tarball: `${origin}/${tarball.name}.tgz`, integrity: tarball.integrity };
    const versions = { [manifest.version]: { ...manifest, dist } };
    return response.end(JSON.stringify({ name: manifest.name, 'dist-tags': { latest: manifest.version }, versions }));
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { url: `${origin}/`, close: () => server.close() };
}
