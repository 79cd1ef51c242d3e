import { createHash, randomUUID } from 'node:crypto';
import { type ProcessIdentity, processHere, thisProcess } from './process-identity';

const hash = (value: unknown): string => createHash('sha256').update(JSON.stringify(value)).digest('hex').slice(0, 8);

/** `PID-PLACE-START`; process ids mean the same where PLACE is the same. */
const ownerOf = ({ pid, host, namespace, started }: ProcessIdentity): string =>
  `${pid}-${hash([host, namespace])}-${hash(started)}`;

let own: string | undefined;

/** A name beside `path` that nothing else uses, this process included. It says whose it is, so that it can be swept. */
export function temporaryName(path: string): string {
  own ??= ownerOf(thisProcess());
  return `${path}.${own}-${randomUUID().slice(0, 8)}.tmp`;
}

const pattern = /\.((\d{1,10})-([0-9a-f]{8})-[0-9a-f]{8})-[0-9a-f]{8}\.tmp$/;

/** Whether a name is one of {@link temporaryName}. */
export const isTemporary = (name: string): boolean => pattern.test(name);

/** What is known of the process that made a temporary name; `unknown` where it cannot be asked from here, or the name is another. */
export function ownerState(name: string): 'alive' | 'gone' | 'unknown' {
  const [, owner, pid, place] = pattern.exec(name) ?? [];
  if (owner === undefined || place !== hash([thisProcess().host, thisProcess().namespace])) return 'unknown';
  const process = processHere(Number(pid));
  return process && ownerOf(process) === owner ? 'alive' : 'gone';
}
