// Preloaded into a run (`node --import`): counts what the run does to files of its folder, and makes call number AT fail with CODE,
// or be the last: RESNET_FAULT=FOLDER:AT:EIO, …:ENOSPC or …:kill. At the end it says how many calls there were on file descriptor 3.
import { promises, writeSync } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';

const [folder, at, code] = process.env.RESNET_FAULT.split(':');
let calls = 0;

/** Counts a call; the chosen one fails, or happens by half and ends the process. */
async function counted(what, real, half = real) {
  calls += 1;
  if (calls !== Number(at)) return real();
  process.stderr.write(`fault: ${code} at ${what}\n`);
  if (code !== 'kill') throw Object.assign(new Error(`${code}: made by torture, ${what}`), { code, syscall: what });
  await half();
  process.kill(process.pid, 'SIGKILL');
  return new Promise(() => {});
}

const within = (path) => String(path).startsWith(folder);
const { open, rename } = promises;

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
syncBuiltinESMExports();

process.on('exit', () => {
  try {
    writeSync(3, String(calls));
  } catch {}
});
