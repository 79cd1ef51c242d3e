// Ends with an error that says why, if this checkout must not be published.
import { readdirSync, readFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';

/**
 * What keeps a checkout from being published; empty if nothing does.
 *
 * @param {string[]} changesets the files in `.changeset`
 * @param {string} address the repository's address in package.json
 * @param {string | undefined} repository the repository that runs this, as `owner/name`; undefined outside of GitHub
 * @returns {string[]}
 */
export function obstacles(changesets, address, repository) {
  const pending = changesets.filter((file) => file.endsWith('.md') && file !== 'README.md');
  const found = [];
  if (pending.length > 0) {
    found.push(
      `check-release: no changeset may be pending, got ${pending.join(', ')}. Run npm run version-packages and commit.`,
    );
  }
  if (repository !== undefined && address !== `git+https://github.com/${repository}.git`) {
    found.push(
      `check-release: provenance needs this repository's address, ${repository}, got ${address}. Run node tools/publish/set-repository.js ${repository}.`,
    );
  }
  return found;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const { repository } = JSON.parse(readFileSync('package.json', 'utf8'));
  const found = obstacles(readdirSync('.changeset'), repository.url, process.env.GITHUB_REPOSITORY);
  for (const obstacle of found) process.stderr.write(`${obstacle}\n`);
  process.exitCode = found.length > 0 ? 1 : 0;
}
