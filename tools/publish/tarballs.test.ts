import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { checkPackage, createPackageFromTarballData } from '@arethetypeswrong/core';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { packAll, publishedFolders, type Tarball } from './pack.js';
import { entryPoints, readManifest } from './packages';

const folder = mkdtempSync(join(tmpdir(), 'tarballs-'));
const tarballs = new Map<string, Tarball>();

beforeAll(() => {
  for (const tarball of packAll(folder)) tarballs.set(tarball.name, tarball);
});
afterAll(() => rmSync(folder, { recursive: true }));

/** What a package may hold beside its scripts and declarations. */
const everywhere = ['LICENSE', 'README.md', 'CHANGELOG.md', 'package.json'];

/** What is read at run time. */
const readAtRunTime: Record<string, string[]> = {
  '@resnet/cli': ['bin/resnet.js', 'bin/package.json'],
  '@resnet/experiments': [
    'trajectories/trajectory-resnet8-A-split.safetensors',
    'trajectories/trajectory-resnet8-B.safetensors',
  ],
};

/** Unpacked, in kB: what it is now, and a quarter of room. The recorded runs are most of the experiments'. */
const limits: Record<string, number> = {
  '@resnet/analysis': 165,
  '@resnet/augment': 190,
  '@resnet/backend': 890,
  '@resnet/blocks': 110,
  '@resnet/charts': 230,
  '@resnet/cli': 130,
  '@resnet/dashboard': 270,
  '@resnet/data': 400,
  '@resnet/distributed': 80,
  '@resnet/experiments': 5200,
  '@resnet/models': 220,
  '@resnet/files': 105,
  '@resnet/safetensors': 50,
  '@resnet/schedulers': 75,
  '@resnet/trainer': 400,
};

/** A call that opens a port, or the import of a module of Node that can. What is downloaded comes by `fetch`, which cannot. */
const couldListen =
  /\.listen\(|createServer|createSocket|(from|import|require|getBuiltinModule)\s*\(?\s*['"`](node:)?(http|https|http2|net|tls|dgram|cluster|inspector)(\/promises)?['"`]/;

it.each([
  "import { get } from 'node:http';",
  'var import_net = require("net");',
  'await import(`node:dgram`)',
  "process.getBuiltinModule('node:inspector/promises')",
  'server.listen(0)',
])('%s could open a port', (script) => expect(script).toMatch(couldListen));

describe.each(publishedFolders)('the tarball of %s', (source) => {
  const manifest = readManifest(source);
  const { name } = manifest;
  const doors = entryPoints(manifest);
  const open = () => tarballs.get(name)!;

  it('holds scripts, declarations, license and README, and nothing else', () => {
    const { paths } = open();
    const allowed = [...everywhere, ...(readAtRunTime[name] ?? [])];
    expect(
      paths.filter((path) => !/^dist\/[\w-]+(\/[\w-]+)?(\.d)?\.c?[jt]s$/.test(path) && !allowed.includes(path)),
    ).toEqual([]);
    expect(paths).toEqual(
      expect.arrayContaining(['LICENSE', 'README.md', 'package.json', ...(readAtRunTime[name] ?? [])]),
    );
  });

  // The dashboard is a server.
  const silent = name === '@resnet/dashboard' ? undefined : it;
  silent?.('opens no port', () => {
    const scripts = open().paths.filter((path) => /\.[cm]?js$/.test(path));
    expect(scripts).not.toEqual([]);
    expect(scripts.filter((path) => couldListen.test(readFileSync(join(source, path), 'utf8')))).toEqual([]);
  });

  it('is no bigger than it has to be', () => {
    expect(open().unpackedSize).toBeLessThan(limits[name]! * 1000);
  });

  it('has nothing that publint would change', async () => {
    const pkgDir = join(folder, name);
    mkdirSync(pkgDir, { recursive: true });
    execFileSync('tar', ['-xzf', open().file, '-C', pkgDir, '--strip-components=1']);
    const { messages, pkg } = await publint({ pkgDir, level: 'suggestion', strict: true, pack: false });
    expect(messages.map((message) => formatMessage(message, pkg, { color: false }))).toEqual([]);
  });

  // The command is run, not imported: it has no types and no CommonJS.
  const typed = doors.length > 0 ? it : undefined;
  typed?.('has right types for node16 and bundlers', async () => {
    const analysis = await checkPackage(createPackageFromTarballData(readFileSync(open().file)), {
      entrypoints: doors,
    });
    if (!analysis.types) throw new Error(`${name} has no types`);
    // `node10` is not supported: it knows no `exports`, and Node 20 does.
    const problems = analysis.problems.filter(
      (problem) => !('resolutionKind' in problem && problem.resolutionKind === 'node10'),
    );
    expect(problems).toEqual([]);
  });
});
