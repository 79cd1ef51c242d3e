// Packs what a bare machine with a GPU lacks into one folder: Node, Dawn, the command and the parts of run.sh.
// Builds first: a folder packed from an old build tells nothing of what is in the checkout.
//   npm run gpu:pack [-- --out gpu-pack] [--level 9]
// Linux x64 only. On the machine: bash gpu-pack/run.sh OUTPUT
import { execFileSync } from 'node:child_process';
import { chmodSync, cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { bundle } from './bundle.js';

const { values: options } = parseArgs({
  options: { out: { type: 'string', default: 'gpu-pack' }, level: { type: 'string', default: '9' } },
});

const here = fileURLToPath(new URL('.', import.meta.url));
const root = join(here, '../..');
const modules = join(root, 'node_modules');
const packed = join(process.cwd(), options.out);
const staging = mkdtempSync(join(tmpdir(), 'gpu-pack-'));

const copy = (from, to) => {
  mkdirSync(dirname(join(staging, to)), { recursive: true });
  cpSync(from, join(staging, to), { recursive: true, dereference: true });
};

/** A program or library without its symbols. */
function copyStripped(from, to) {
  copy(from, to);
  execFileSync('strip', ['--strip-unneeded', join(staging, to)]);
}

/** A package that finds its own files at run time, which a bundle would break. */
const copyPackage = (name, parts) => {
  for (const part of ['package.json', ...parts]) copy(join(modules, name, part), `app/node_modules/${name}/${part}`);
};

/** Libraries that the machine may lack; run.sh uses them only then. */
function copyFallbackLibraries() {
  const known = execFileSync('ldconfig', ['-p'], { encoding: 'utf8' });
  for (const name of ['libvulkan.so.1', 'libstdc++.so.6', 'libgcc_s.so.1']) {
    const path = known.match(new RegExp(`^\\s*${name.replaceAll(/[.+]/g, '\\$&')} .*x86-64.*=> (.*)$`, 'm'))?.[1];
    if (path) copy(path, `lib/${name}`);
    else console.error(`gpu:pack: ${name} is not installed here, so it is not packed.`);
  }
}

execFileSync('npx', ['nx', 'run-many', '-t', 'build'], { cwd: root, stdio: 'inherit' });
const version = execFileSync('git', ['describe', '--always', '--dirty'], { cwd: root, encoding: 'utf8' });
writeFileSync(join(staging, 'version.txt'), version);
copyStripped(process.execPath, 'node');
chmodSync(join(staging, 'node'), 0o755);
copyPackage('webgpu', ['index.js']);
copyStripped(join(modules, 'webgpu/dist/linux-x64/dawn.node'), 'app/node_modules/webgpu/dist/linux-x64/dawn.node');
copyPackage('piscina', ['dist']);
copyPackage('sharp', ['dist']);
for (const name of ['detect-libc', '@img/colour', 'semver']) copyPackage(name, contentsOf(name));
copyPackage('@img/sharp-linux-x64', ['index.cjs', 'lib']);
copyPackage('@img/sharp-libvips-linux-x64', ['lib']);
await bundle(join(staging, 'app'));
copy(join(root, 'packages/experiments/trajectories'), 'app/trajectories');
copy(join(here, 'pytorch.py'), 'pytorch.py');
copy(join(root, 'bench/pytorch.py'), 'cifar_resnet.py');
copyFallbackLibraries();

mkdirSync(packed, { recursive: true });
cpSync(join(here, 'run.sh'), join(packed, 'run.sh'));
execFileSync('tar', ['-C', staging, '-cf', join(packed, 'runtime.tar'), '.']);
execFileSync('xz', [`-${options.level}`, '-T1', '-f', join(packed, 'runtime.tar')]);
rmSync(staging, { recursive: true });
const size = statSync(join(packed, 'runtime.tar.xz')).size / 2 ** 20;
console.log(`${packed}: ${size.toFixed(1)} MiB. Carry it over and run: bash run.sh OUTPUT`);
if (size > 40) process.exitCode = 1;

function contentsOf(name) {
  return readdirSync(join(modules, name)).filter((part) => part !== 'package.json' && part !== 'node_modules');
}
