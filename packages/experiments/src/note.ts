/** Takes a line about progress; the caller decides where it goes. */
export type OnNote = (line: string) => void;
