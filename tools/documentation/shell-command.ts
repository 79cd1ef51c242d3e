import { parse } from 'shell-quote';

/** One simple command: its words, quotes resolved, without redirections. */
export type ShellCommand = readonly string[];

const REDIRECTION = /^(>|>>|<|<\(|>&|<<<|&>)$/;

/** The simple commands of a shell block, in order. Variables stay as they are written. */
export function shellCommands(code: string): ShellCommand[] {
  const lines = code.replaceAll(/\\\n\s*/g, ' ').split('\n');
  return lines.flatMap(commandsOfLine).filter((words) => words.length > 0);
}

function commandsOfLine(line: string): ShellCommand[] {
  const commands: string[][] = [[]];
  let redirected = false;
  for (const entry of parse(line, (name) => `$${name}`)) {
    if (typeof entry !== 'string' && 'comment' in entry) continue;
    if (typeof entry !== 'string' && entry.op !== 'glob') {
      redirected = REDIRECTION.test(entry.op);
      if (!redirected) commands.push([]);
      continue;
    }
    if (!redirected) commands.at(-1)!.push(typeof entry === 'string' ? entry : (entry as { pattern: string }).pattern);
    redirected = false;
  }
  return commands.map(withoutVariables);
}

/** Leaves out `NAME=value` in front of a command. */
function withoutVariables(words: string[]): string[] {
  const first = words.findIndex((word) => !/^[A-Z_]+=/.test(word));
  return first < 0 ? [] : words.slice(first);
}
