import { createHash, randomUUID } from 'node:crypto';
import { type ProcessIdentity, processHere, thisProcess } from './process-identity';

const hash = (value: unknown): string => createHash('sha256').update(JSON.stringify(value)).digest('hex').slice(0, 8);

/** `PID-PLACE-START`. PLACE stands for host and PID namespace, within which process ids are comparable. */
const ownerOf = ({ pid, host, namespace, started }: ProcessIdentity): string =>
  `${pid}-${hash([host, namespace])}-${hash(started)}`;

let own: string | undefined;

/** A unique name beside `path`. It identifies the process, so that leftovers can be swept. */
export function temporaryName(path: string): string {
  own ??= ownerOf(thisProcess());
  return `${path}.${own}-${randomUUID().slice(0, 8)}.tmp`;
}

const pattern = /\.((\d{1,10})-([0-9a-f]{8})-[0-9a-f]{8})-[0-9a-f]{8}\.tmp$/;

/** Whether a name is one of {@link temporaryName}. */
export const isTemporary = (name: string): boolean => pattern.test(name);

/** The state of the process that made a temporary name; `unknown` if it cannot be checked from here or the name is another. */
export function ownerState(name: string): 'alive' | 'gone' | 'unknown' {
  const [, owner, pid, place] = pattern.exec(name) ?? [];
  if (owner === undefined || place !== hash([thisProcess().host, thisProcess().namespace])) return 'unknown';
  const process = processHere(Number(pid));
  return process && ownerOf(process) === owner ? 'alive' : 'gone';
}
