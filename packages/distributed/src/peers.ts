import type { Calls, Request } from './calls';
import { DistributedError } from './errors';

/** Notes that processes send each other beside the sums. */
const Note = { alive: 1, question: 2, answer: 3, failed: 4 } as const;

/** The other processes, as far as they let hear of themselves. */
export interface Peers {
  /** This process is at work on something that the others wait for: they go on waiting. Says so at most once a second. */
  alive(): void;
  /** This process failed, in words for the others. */
  failed(message: string): void;
  /**
   * Begins to wait for the others. The result is to be called now and then, often.
   *
   * @param what What is waited for, as the object of a sentence.
   * @throws (the result) DistributedError naming rank and host where a process failed or has not answered for too long.
   */
  patience(what: string): () => void;
}

/** Milliseconds that a waiting process has to answer a question. */
const ANSWER = 2_000;
/** Milliseconds between two looks at what has arrived. */
const LOOK = 20;

/**
 * Watches over the processes: a waiting one reads notes, answers questions, and after `patience` milliseconds without any sign of work asks
 * who is there. Whoever waits answers at once, so that who does not is who is waited for.
 */
export function watchPeers(calls: Calls, hosts: () => readonly string[], patience: number): Peers {
  const { rank, size } = calls;
  const others = Array.from({ length: size }, (_, other) => other).filter((other) => other !== rank);
  const nameOf = (other: number): string => `rank ${other} (${hosts()[other] ?? 'host unknown'})`;
  let underWay: Request[] = [];
  let lastSign = 0;
  let said = Number.NEGATIVE_INFINITY;
  const answered = new Set<number>();

  const send = (to: readonly number[], tag: number, text = '') => {
    underWay = underWay.filter((request) => !request.done());
    const bytes = new TextEncoder().encode(text.slice(0, 4000));
    for (const other of to) underWay.push(calls.send(other, tag, bytes));
  };

  const look = (): void => {
    for (let note = calls.receive(); note; note = calls.receive()) {
      if (note.tag === Note.alive) lastSign = performance.now();
      else if (note.tag === Note.question) send([note.from], Note.answer);
      else if (note.tag === Note.answer) answered.add(note.from);
      else throw new DistributedError(`mpi: ${nameOf(note.from)} failed: ${new TextDecoder().decode(note.bytes)}`);
    }
  };

  const silent = (what: string): DistributedError => {
    const missing = others.filter((other) => !answered.has(other)).map(nameOf);
    const seconds = Math.round(patience / 1000);
    return new DistributedError(
      missing.length > 0
        ? `mpi: every process must take part in ${what}, got no sign of ${listed(missing)} for ${seconds} s. Look whether it still runs and its host answers; for slower work raise RESNET_MPI_PATIENCE (seconds). Then resume from the last checkpoint.`
        : `mpi: all processes must take the same steps, but all ${size} wait for ${what} or another step. Give all of them the same program and options.`,
    );
  };

  return {
    alive: () => {
      if (performance.now() - said < 1000) return;
      said = performance.now();
      send(others, Note.alive);
    },
    failed: (message) => {
      send(others, Note.failed, message);
      const end = performance.now() + 300;
      while (performance.now() < end && !underWay.every((request) => request.done())) sleep(1);
    },
    patience: (what) => {
      let [looked, asked] = [performance.now(), 0];
      lastSign = looked;
      return () => {
        const now = performance.now();
        if (now - looked < LOOK) return;
        looked = now;
        look();
        if (now - lastSign < patience) {
          asked = 0;
        } else if (asked === 0) {
          asked = now;
          answered.clear();
          send(others, Note.question);
        } else if (now - asked > ANSWER) {
          throw silent(what);
        }
      };
    },
  };
}

const listed = (names: readonly string[]): string =>
  names.length > 8 ? `${names.slice(0, 8).join(', ')} and ${names.length - 8} more` : names.join(', ');

const clock = new Int32Array(new SharedArrayBuffer(4));

/** Blocks this thread. */
export const sleep = (milliseconds: number): void => {
  Atomics.wait(clock, 0, 0, milliseconds);
};
