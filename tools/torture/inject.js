// Preloaded into a run (`node --import`): counts what the run does to its folder, and makes call number AT fail with CODE, or be the
// last: RESNET_FAULT=FOLDER:AT:EIO, …:ENOSPC or …:kill. A write that fails or is the last happens by half. At the end it says how many
// calls there were on file descriptor 3.
import fs, { promises, writeSync } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { dirname } from 'node:path';

const [folder, at, code] = process.env.RESNET_FAULT.split(':');
let calls = 0;

/** What happens instead of the chosen call, behind the half of it. */
function strike(what) {
  if (code !== 'kill') throw Object.assign(new Error(`${code}: made by torture, ${what}`), { code, syscall: what });
  process.kill(process.pid, 'SIGKILL');
  for (;;);
}

/** Counts a call; true for the chosen one, which is announced. */
function isChosen(what) {
  calls += 1;
  if (calls !== Number(at)) return false;
  process.stderr.write(`fault: ${code} at ${what}\n`);
  return true;
}

/** A call without halves: one that fails did nothing, one that is the last was done. */
const whole = (real) => () => code === 'kill' && real();

async function counted(what, real, half = whole(real)) {
  if (!isChosen(what)) return real();
  await half();
  strike(what);
}

// Node makes some of these calls out of others of them.
let isInside = false;

function countedSync(what, real, half = whole(real)) {
  if (isInside) return real();
  isInside = true;
  try {
    if (!isChosen(what)) return real();
    half();
    strike(what);
  } finally {
    isInside = false;
  }
}

/** The folder while it is made, what is in it, and the one above, where its name is. */
const within = (path) => String(path).startsWith(folder) || path === dirname(folder);

const { open, rename, mkdir, unlink } = promises;
promises.open = async (path, flags, ...more) => {
  if (!within(path)) return open(path, flags, ...more);
  const file = await counted(`open ${path}`, () => open(path, flags, ...more));
  const [write, sync] = [file.write.bind(file), file.sync.bind(file)];
  file.write = (bytes, offset, length) =>
    counted(
      `write ${path}`,
      () => write(bytes, offset, length),
      () => write(bytes, offset, length >> 1),
    );
  file.sync = () => counted(`fsync ${path}`, sync);
  return file;
};
promises.rename = (from, to) => (within(to) ? counted(`rename ${to}`, () => rename(from, to)) : rename(from, to));
promises.mkdir = (path, ...more) =>
  within(path) ? counted(`mkdir ${path}`, () => mkdir(path, ...more)) : mkdir(path, ...more);
promises.unlink = (path) => (within(path) ? counted(`unlink ${path}`, () => unlink(path)) : unlink(path));

const { openSync, writeFileSync, fsyncSync, renameSync, mkdirSync, rmSync } = fs;
/** Paths of open files of the folder, by descriptor. */
const opened = new Map();
fs.openSync = (path, ...more) => {
  if (!within(path)) return openSync(path, ...more);
  const file = countedSync(`open ${path}`, () => openSync(path, ...more));
  opened.set(file, path);
  return file;
};
fs.writeFileSync = (file, data, ...more) => {
  const path = opened.get(file) ?? file;
  if (!within(path)) return writeFileSync(file, data, ...more);
  return countedSync(
    `write ${path}`,
    () => writeFileSync(file, data, ...more),
    () => writeFileSync(file, data.slice(0, data.length >> 1), ...more),
  );
};
fs.fsyncSync = (file) =>
  opened.has(file) ? countedSync(`fsync ${opened.get(file)}`, () => fsyncSync(file)) : fsyncSync(file);
fs.renameSync = (from, to) =>
  within(to) ? countedSync(`rename ${to}`, () => renameSync(from, to)) : renameSync(from, to);
fs.mkdirSync = (path, ...more) =>
  within(path) ? countedSync(`mkdir ${path}`, () => mkdirSync(path, ...more)) : mkdirSync(path, ...more);
fs.rmSync = (path, ...more) =>
  within(path) ? countedSync(`unlink ${path}`, () => rmSync(path, ...more)) : rmSync(path, ...more);
syncBuiltinESMExports();

process.on('exit', () => {
  try {
    writeSync(3, String(calls));
  } catch {}
});
