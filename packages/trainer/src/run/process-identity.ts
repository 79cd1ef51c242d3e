import * as fs from 'node:fs';
import * as os from 'node:os';

/** Names one process for good: a process id alone is given again after its process has ended. */
export interface ProcessIdentity {
  /** On its host. */
  pid: number;
  /** Name of the machine, as it calls itself. */
  host: string;
  /** When the process started, in the system's own words; null where the system does not say. */
  started: string | null;
}

/** The process this code runs in. */
export const thisProcess = (): ProcessIdentity => ({
  pid: process.pid,
  host: os.hostname(),
  started: startOf(process.pid),
});

/** Whether a process still runs. One on another host counts as running: it cannot be asked from here. */
export function isAlive({ pid, host, started }: ProcessIdentity): boolean {
  if (host !== os.hostname()) return true;
  return exists(pid) && startOf(pid) === started;
}

function exists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: it runs, under another user.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** On Linux the boot's id and the process's start in clock ticks since then; null for a process that ended but was not collected. */
function startOf(pid: number): string | null {
  try {
    const stat = fs.readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The second field, the name in parentheses, may itself hold spaces and parentheses. State is the 3rd, start time the 22nd.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    if (fields[0] === 'Z') return null;
    return `${fs.readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()}/${fields[19]}`;
  } catch {
    return null;
  }
}
