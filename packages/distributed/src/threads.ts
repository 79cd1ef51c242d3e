import type { Member } from './world';

/** How many threads one process may compute with. */
export interface Threads {
  /** At least 1. */
  readonly count: number;
  /** Processes that share this one's cores, itself included. */
  readonly sharing: number;
  /** They are more than the cores: each waits for the others all the time. */
  readonly oversubscribed: boolean;
}

/**
 * Shares a host's cores among its processes.
 *
 * @param available Cores that this process may use: all of its host, or those that the launcher bound it to. Who is bound to other cores does not count.
 */
export function threadsOf(members: readonly Member[], rank: number, available: number): Threads {
  const own = members[rank];
  const sharing = members.filter(({ host, cpus }) => host === own?.host && cpus === own.cpus).length;
  return {
    count: Math.max(1, Math.floor(available / Math.max(1, sharing))),
    sharing,
    oversubscribed: sharing > available,
  };
}
