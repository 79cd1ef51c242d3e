/** Receives a progress line. */
export type OnNote = (line: string) => void;
