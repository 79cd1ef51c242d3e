import * as fs from 'node:fs';
import { hostname } from 'node:os';

/** Identifies a process. A process id alone does not: ids are reused, and every container has the same ones. */
export interface ProcessIdentity {
  /** Process id on its host, in its namespace. */
  readonly pid: number;
  /** Host name. */
  readonly host: string;
  /** PID namespace, as Linux names it; null on other systems. Containers may share a host name but have their own process ids. */
  readonly namespace: string | null;
  /** Start time, in the system's format; null if the system does not report it. */
  readonly started: string | null;
}

/** The current process. */
export const thisProcess = (): ProcessIdentity => identityHere(process.pid);

/** Whether a process still runs. One on another host or in another PID namespace cannot be checked and counts as running. */
export function isAlive({ pid, host, namespace, started }: ProcessIdentity): boolean {
  if (host !== hostname() || namespace !== pidNamespace()) return true;
  return processHere(pid)?.started === started;
}

/** The running process with an id on this host and in this PID namespace; null if there is none. */
export const processHere = (pid: number): ProcessIdentity | null => (exists(pid) ? identityHere(pid) : null);

const identityHere = (pid: number): ProcessIdentity => ({
  pid,
  host: hostname(),
  namespace: pidNamespace(),
  started: startOf(pid),
});

/** Checks a process identity from untrusted JSON; null if it is none. */
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
    // EPERM: the process runs under another user.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** PID namespace of this process, `pid:[4026531836]` on Linux. */
function pidNamespace(): string | null {
  try {
    return fs.readlinkSync('/proc/self/ns/pid');
  } catch {
    return null;
  }
}

/** On Linux the boot id and the start in clock ticks since boot; null for a zombie process. */
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
