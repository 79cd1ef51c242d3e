/** Receives a progress line. */
export type OnNote = (line: string) => void;

/** Passes on a line where it differs from the one before: progress by percent, told of every byte. */
export function changesOf(onNote: OnNote): OnNote {
  let last: string | undefined;
  return (line) => {
    if (line !== last) onNote(line);
    last = line;
  };
}
