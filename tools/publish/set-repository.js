// node tools/publish/set-repository.js OWNER/NAME: writes where the repository lives into every manifest.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';

/**
 * A manifest's text with its repository, home page and place for bugs at `https://github.com/<to>`.
 *
 * @param {string} text the text of a package.json
 * @param {string} to the repository, as `owner/name`
 */
export function moved(text, to) {
  const { homepage } = JSON.parse(text);
  const from = /github\.com\/[\w.-]+\/[\w.-]+?(?=\.git|\/|#|$)/.exec(homepage ?? '')?.[0];
  return from ? text.replaceAll(from, `github.com/${to}`) : text;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const to = process.argv[2] ?? '';
  if (!/^[\w.-]+\/[\w.-]+$/.test(to)) {
    throw new Error(`set-repository: the repository must be OWNER/NAME, got '${to}'. Take it from its GitHub address.`);
  }
  const packages = readdirSync('packages').map((name) => `packages/${name}/package.json`);
  for (const file of ['package.json', ...packages]) writeFileSync(file, moved(readFileSync(file, 'utf8'), to));
}
