import * as fs from 'node:fs';
import { hostname } from 'node:os';

/** Names one process for good: a process id alone is given again after its process has ended, and in every container. */
export interface ProcessIdentity {
  /** On its host, in its namespace. */
  readonly pid: number;
  /** Name of the machine, as it calls itself. */
  readonly host: string;
  /** PID namespace, as Linux names it; null where there are none. Containers may share a host's name, not its process ids. */
  readonly namespace: string | null;
  /** When the process started, in the system's own words; null where the system does not say. */
  readonly started: string | null;
}

/** The process this code runs in. */
export const thisProcess = (): ProcessIdentity => identityHere(process.pid);

/** Whether a process still runs. One on another host or in another PID namespace counts as running: it cannot be asked from here. */
export function isAlive({ pid, host, namespace, started }: ProcessIdentity): boolean {
  if (host !== hostname() || namespace !== pidNamespace()) return true;
  return processHere(pid)?.started === started;
}

/** The process of an id on this host and in this PID namespace; null where none runs. */
export const processHere = (pid: number): ProcessIdentity | null => (exists(pid) ? identityHere(pid) : null);

const identityHere = (pid: number): ProcessIdentity => ({
  pid,
  host: hostname(),
  namespace: pidNamespace(),
  started: startOf(pid),
});

/** A process's identity out of JSON that anyone may have written; null where it is none. */
export function parseProcess(text: string): ProcessIdentity | null {
  try {
    const { pid, host, namespace = null, started = null } = JSON.parse(text);
    const isText = (value: unknown) => value === null || typeof value === 'string';
    const isOne = Number.isInteger(pid) && pid > 0 && typeof host === 'string' && isText(namespace) && isText(started);
    return isOne ? { pid, host, namespace, started } : null;
  } catch {
    return null;
  }
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

/** This process's, `pid:[4026531836]` on Linux. */
function pidNamespace(): string | null {
  try {
    return fs.readlinkSync('/proc/self/ns/pid');
  } catch {
    return null;
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
