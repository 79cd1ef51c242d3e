// Breaks `resnet train` at every open, write, fsync and rename of its run folder, in turn: the call fails with EIO or ENOSPC, or the
// process is killed in the middle of it. Whatever happens, the run resumes to the very weights of one that nothing happened to.
//   node tools/torture/faults.js [--every 1]
import { spawn } from 'node:child_process';
import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { life, must, mustResumeTo, resnetPath, smallRun, temporaryFolder, undisturbed, wholeStep } from './command.js';

const { values } = parseArgs({ options: { every: { type: 'string', default: '1' } } });
const inject = fileURLToPath(new URL('./inject.js', import.meta.url));
const weights = await undisturbed('--steps', '8');
const root = temporaryFolder();

/** A run with a fault at call `at`. */
const broken = (directory, at, code) =>
  life([process.execPath, '--import', inject, resnetPath, ...smallRun(directory, '--steps', '8')], {
    env: { RESNET_FAULT: `${directory}:${at}:${code}` },
  });

/** How many calls a run makes that nothing happens to. */
function calls() {
  const directory = join(root, 'counted');
  const child = spawn(process.execPath, ['--import', inject, resnetPath, ...smallRun(directory, '--steps', '8')], {
    stdio: ['ignore', 'ignore', 'ignore', 'pipe'],
    env: { ...process.env, RESNET_FAULT: `${directory}:0:none` },
  });
  let said = '';
  child.stdio[3].on('data', (chunk) => {
    said += chunk;
  });
  return new Promise((resolve) => child.on('close', () => resolve(Number(said))));
}

/** What must hold after a fault. Returns how the run ended. */
async function survived(at, code) {
  const directory = join(root, `${code}-${at}`);
  const ended = await broken(directory, at, code);
  const where = `${code} at call ${at}`;
  must(ended.stderr.includes(`fault: ${code}`), `${where} never came: ${ended.stderr}`);
  if (code === 'kill') must(ended.signal === 'SIGKILL', `${where} must kill, got ${ended.code}`);
  else {
    must(
      ended.code === 0 || ended.code === 1 || ended.code === 2,
      `${where} must be told, got ${ended.code ?? ended.signal}`,
    );
    must(!/^ +at .*:\d+:\d+/m.test(ended.stderr), `${where} must be told in words, got a stack: ${ended.stderr}`);
    must(ended.stderr.split(code).length > 2, `${where} must be told, got: ${ended.stderr}`);
  }
  // Before its recipe is there a run does not exist, and is begun anew.
  if (existsSync(join(directory, 'recipe.json'))) {
    await wholeStep(directory);
    await mustResumeTo(directory, weights);
  } else must(!existsSync(directory), `${where} left half a run folder`);
  rmSync(directory, { recursive: true, force: true });
  return ended.code === 0 ? 'warned' : 'ended';
}

const total = await calls();
must(total > 20, `a run must make its calls, got ${total}`);
const count = { kill: 0, EIO: 0, ENOSPC: 0, warned: 0, ended: 0 };
for (let at = 1; at <= total; at += Number(values.every)) {
  // EIO and ENOSPC take turns: what differs is the message.
  for (const code of ['kill', at % 2 === 0 ? 'EIO' : 'ENOSPC']) {
    const how = await survived(at, code);
    count[code] += 1;
    if (code !== 'kill') count[how] += 1;
  }
}
console.log(
  `${total} calls a run; ${count.kill} kills, ${count.EIO} EIO, ${count.ENOSPC} ENOSPC (${count.warned} warned of, ${count.ended} ended the run in words), ` +
    'every run resumed to the undisturbed weights, nothing left over',
);
