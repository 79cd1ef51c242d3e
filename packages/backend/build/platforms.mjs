/**
 * The platforms that have native kernels, by the ending of their package's name: `@resnet/backend-linux-x64`, … `os`, `cpu` and `libc` are npm's
 * fields, by which it installs the one that fits.
 *
 * @type {Readonly<Record<string, { os: string, cpu: 'x64' | 'arm64', libc?: string }>>}
 */
export const platforms = {
  'linux-x64': { os: 'linux', cpu: 'x64', libc: 'glibc' },
  'linux-x64-musl': { os: 'linux', cpu: 'x64', libc: 'musl' },
  'linux-arm64': { os: 'linux', cpu: 'arm64', libc: 'glibc' },
  'darwin-arm64': { os: 'darwin', cpu: 'arm64' },
  'darwin-x64': { os: 'darwin', cpu: 'x64' },
  'win32-x64': { os: 'win32', cpu: 'x64' },
};

/** Whether this Node was built for musl: then its report names no glibc. */
function isMusl() {
  if (process.platform !== 'linux') return false;
  process.report.excludeNetwork = true;
  return !process.report.getReport().header.glibcVersionRuntime;
}

/** The platform of this process; it may be one without native kernels. */
export const thisPlatform = () => `${process.platform}-${process.arch}${isMusl() ? '-musl' : ''}`;

/**
 * The manifest of a platform's package.
 *
 * @param {string} platform
 * @param {{ name: string, version: string, license?: unknown, author?: unknown, homepage?: unknown, repository?: unknown, bugs?: unknown, engines?: unknown, publishConfig?: unknown }} backend the manifest of `@resnet/backend`
 */
export function manifestOf(platform, backend) {
  const { os, cpu, libc } = platforms[platform];
  const { version, license, author, homepage, repository, bugs, engines, publishConfig } = backend;
  return {
    name: `${backend.name}-${platform}`,
    version,
    description: `Native kernels of ${backend.name} for ${platform}. Installed by it where they fit; there is nothing to import.`,
    license,
    author,
    homepage,
    repository,
    bugs,
    engines,
    os: [os],
    cpu: [cpu],
    ...(libc && { libc: [libc] }),
    main: 'resnet.node',
    files: ['resnet.node'],
    publishConfig,
  };
}
