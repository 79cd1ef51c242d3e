// Presses Ctrl-C in a terminal: once, twice, and SIGTERM instead, at random moments of `resnet train`. Exit codes, a checkpoint, the
// terminal's settings and its cursor afterwards; and a second process on the same run meanwhile.
//   node tools/torture/terminal.js [--times 10] [--seed 1]
// The terminal is made by `script` of util-linux; without it the part is skipped, and it is said.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import {
  must,
  mustResumeTo,
  resnet,
  resnetPath,
  smallRun,
  temporaryFolder,
  undisturbed,
  wholeStep,
} from './command.js';
import { randomFrom } from './random.js';

const { values } = parseArgs({
  options: { times: { type: 'string', default: '10' }, seed: { type: 'string', default: '1' } },
});
const times = Number(values.times);
const random = randomFrom(Number(values.seed));
const root = temporaryFolder();
const STEPS = ['--steps', '150', '--checkpoint-every', '50'];
const CTRL_C = '\x03';
const ESCAPE = '\x1b';

if (spawnSync('script', ['--version']).status !== 0) {
  console.log('skipped: `script` (util-linux) is not here');
  process.exit();
}

/** Runs a command line in a terminal of its own, which then tells its settings. `hear` may type. */
function inTerminal(line, hear) {
  const told =
    'stty cols 120; before=$(stty -g); LINE; code=$?; after=$(stty -g); [ "$before" = "$after" ] && echo "same-terminal $code" || echo "other-terminal $before $after"';
  // A shell without job control: Ctrl-C reaches it too, so it must not die of it.
  const child = spawn('script', ['-qec', `bash -c 'trap : INT; ${told.replace('LINE', line)}'`, '/dev/null'], {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: { ...process.env, TERM: 'xterm-256color' },
  });
  let screen = '';
  const type = (keys) => child.stdin.write(keys);
  child.stdout.on('data', (chunk) => {
    screen += chunk;
    hear(screen, type);
  });
  return new Promise((resolve, reject) => {
    const hang = setTimeout(() => reject(new Error(`torture: a terminal hung:\n${screen}`)), 240_000);
    child.on('close', () => {
      clearTimeout(hang);
      resolve(screen);
    });
  });
}

/** Presses Ctrl-C at a random moment after training began, `presses` times. */
function pressed(args, presses) {
  const moment = 1 + Math.floor(random() * 12);
  const gap = random() * 30;
  let done = false;
  const line = [process.execPath, resnetPath, ...args].join(' ');
  return inTerminal(line, (screen, type) => {
    const steps = (screen.match(/resnet8 +\d+\/150/g) ?? []).length;
    if (done || steps < moment) return;
    done = true;
    type(CTRL_C);
    if (presses > 1) setTimeout(() => type(CTRL_C), gap);
  });
}

/** What a terminal must look like after a run that was stopped. */
function mustBeRestored(screen, code, what) {
  const [, found] = screen.match(/same-terminal (\d+)/) ?? [];
  must(found !== undefined, `${what} must leave the terminal's settings, got ${screen.slice(-300)}`);
  must(Number(found) === code, `${what} must exit with ${code}, got ${found}: ${screen.slice(-300)}`);
  // Modes are what a killed program cannot take back: a hidden cursor, the other screen, the mouse.
  must(!screen.includes(`${ESCAPE}[?`), `${what} must change no mode of the terminal`);
  must(/\r?\n[^\r\n]*same-terminal/.test(screen), `${what} must leave the cursor on a line of its own`);
}

const weights = await undisturbed(...STEPS);

async function once() {
  const steps = [];
  for (let i = 0; i < times; i++) {
    const directory = join(root, `once-${i}`);
    mustBeRestored(await pressed(smallRun(directory, ...STEPS), 1), 130, 'Ctrl-C');
    steps.push(await wholeStep(directory));
    must(steps.at(-1) > 0, 'Ctrl-C must write a checkpoint');
    must(!readdirSync(directory).some((name) => name.startsWith('lock.')), 'Ctrl-C must release the lock');
    if (i < 2) await mustResumeTo(directory, weights);
  }
  return `${times} × Ctrl-C: 130, checkpoints at steps ${steps.join(' ')}, terminal as before, resumed to the same weights`;
}

async function twice() {
  for (let i = 0; i < times; i++) {
    const directory = join(root, `twice-${i}`);
    mustBeRestored(await pressed(smallRun(directory, ...STEPS), 2), 130, 'Ctrl-C twice');
    await wholeStep(directory);
    if (i < 2 && existsSync(join(directory, 'recipe.json'))) await mustResumeTo(directory, weights);
  }
  return `${times} × Ctrl-C twice: 130, no checkpoint damaged, terminal as before`;
}

/** SIGTERM to the command, and meanwhile a second one on its folder. */
async function shared() {
  const directory = join(root, 'shared');
  let second;
  const meanwhile = (child, said) => {
    child.stderr.on('data', () => {
      if (second || !/\d+\/2,000/.test(said.stderr)) return;
      second = resnet(['train', '--resume', directory]).finally(() => child.kill('SIGTERM'));
    });
  };
  const first = await resnet(smallRun(directory, '--steps', '2000', '--milestones', '1000'), { meanwhile });
  const refused = await second;
  must(
    refused.code === 1 && /must be free.*process \d+/.test(refused.stderr),
    `a second process must be refused, got ${refused.code}: ${refused.stderr}`,
  );
  must(first.code === 143, `SIGTERM must exit with 143, got ${first.code}: ${first.stderr}`);
  must((await wholeStep(directory)) > 0, 'SIGTERM must write a checkpoint');
  return 'a second process on the run: refused by name; SIGTERM: 143 with a checkpoint';
}

for (const part of [once, twice, shared]) console.log(await part());
