// Publishes the packages with native kernels, which the release workflow has built on each platform into packages/backend/native/build, and makes
// @resnet/backend ask for them. Before `changeset publish`, for npm must find them when it does.
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { manifestOf, platforms } from '../../packages/backend/build/platforms.mjs';

const backendManifest = 'packages/backend/package.json';
const folderOf = (platform) => join('packages/backend/native/build', platform);
const read = (path) => JSON.parse(readFileSync(path, 'utf8'));

/**
 * The manifest of the backend as it is published: npm installs the one of these packages that fits the machine.
 *
 * @param {{ name: string, version: string }} backend
 */
export function withPlatforms(backend) {
  const names = Object.keys(platforms).map((platform) => [`${backend.name}-${platform}`, backend.version]);
  return { ...backend, optionalDependencies: Object.fromEntries(names) };
}

/**
 * Why the built packages must not be published; empty if nothing speaks against it.
 *
 * @param {{ name: string, version: string }} backend
 * @returns {string[]}
 */
export function missing(backend) {
  return Object.keys(platforms).flatMap((platform) => {
    const folder = folderOf(platform);
    const next = 'Build it on that platform: node packages/backend/build/native.mjs --required.';
    if (!existsSync(join(folder, 'resnet.node')))
      return [`platforms: ${folder} must have resnet.node, got none. ${next}`];
    const { version } = read(join(folder, 'package.json'));
    return version === backend.version
      ? []
      : [`platforms: ${folder} must be version ${manifestOf(platform, backend).version}, got ${version}. ${next}`];
  });
}

/** Whether npm has this version already, from a release that failed half-way. */
function isPublished(name, version) {
  try {
    return (
      execFileSync('npm', ['view', `${name}@${version}`, 'version'], { stdio: ['ignore', 'pipe', 'ignore'] }).length > 0
    );
  } catch {
    return false;
  }
}

function publish(backend) {
  for (const platform of Object.keys(platforms)) {
    const name = `${backend.name}-${platform}`;
    if (isPublished(name, backend.version)) continue;
    execFileSync('npm', ['publish', '--access', 'public', '--provenance', folderOf(platform)], { stdio: 'inherit' });
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const backend = read(backendManifest);
  const obstacles = missing(backend);
  if (obstacles.length > 0) {
    process.stderr.write(`${obstacles.join('\n')}\n`);
    process.exit(1);
  }
  publish(backend);
  writeFileSync(backendManifest, `${JSON.stringify(withPlatforms(backend), undefined, 2)}\n`);
}
