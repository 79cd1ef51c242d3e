import { fileURLToPath } from 'node:url';
import completion from '@bomb.sh/tab/commander';
import { readTextSync } from '@resnet/files';
import { Command, CommanderError } from 'commander';
import { commands } from './commands';
import { exitCodeOf, messageOf } from './errors';
import { hintFor } from './hints';
import { note, printText, surviveClosedOutput, warnText } from './output';

// Package managers link files into place.
const manifest = readTextSync(fileURLToPath(new URL('../package.json', import.meta.url)), { links: 'follow' });
const { version } = JSON.parse(manifest) as { version: string };

const program = new Command('resnet')
  .description('Residual networks on TensorFlow.js: train, evaluate, verify, measure, analyze.')
  .version(version)
  .addHelpText(
    'after',
    '\nExample:\n  $ resnet train shapes10\n\nShell completion:\n  $ source <(resnet complete zsh)   # or bash, fish, powershell',
  )
  .showHelpAfterError('(add --help for the options and an example)')
  .showSuggestionAfterError();

/** Makes commander throw instead of exit, since it exits with 1 for usage errors, whose code here is 2. */
const throwInsteadOfExit = (command: Command): void => {
  command.exitOverride();
  command.configureOutput({ writeOut: printText, writeErr: warnText });
  command.commands.forEach(throwInsteadOfExit);
};

for (const command of commands) program.addCommand(command());
completion(program);
throwInsteadOfExit(program);

/** The running command, whose flags messages name. */
let running: Command | undefined;
program.hook('preAction', (_, command) => {
  running = command;
});

surviveClosedOutput();

// An error outside of every promise, for example of a thread that did not start: print its message, not a stack.
process.on('uncaughtException', (error) => process.exit(exitCode(error)));

try {
  await program.parseAsync();
} catch (error) {
  process.exitCode = exitCode(error);
}

function exitCode(error: unknown): number {
  if (error instanceof CommanderError) {
    const hint = hintFor(error.message);
    if (hint !== null) note(hint);
    return error.exitCode === 0 ? 0 : 2;
  }
  note(messageOf(error, running));
  return exitCodeOf(error);
}
