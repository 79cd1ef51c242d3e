import { afterEach, expect, it, vi } from 'vitest';
import { note, print, printJson } from '../src/output';

afterEach(() => vi.restoreAllMocks());

/** What is written to a stream meanwhile. */
function heard(stream: NodeJS.WriteStream, action: () => void): string {
  const chunks: unknown[] = [];
  vi.spyOn(stream, 'write').mockImplementation((chunk) => chunks.push(chunk) > 0);
  action();
  return chunks.join('');
}

// OSC 52 writes the clipboard, CSI 2J clears the screen, U+202E turns the text behind it; all may stand in a class's name.
const hostile = 'cat\x1b]52;c;ZWNobw==\x07\x9b2J\u202e';

it('nothing that is printed commands the terminal', () => {
  const escaped = 'cat\\u{1b}]52;c;ZWNobw==\\u{7}\\u{9b}2J\\u{202e}\n';
  expect(heard(process.stdout, () => print(hostile))).toBe(escaped);
  expect(heard(process.stderr, () => note(hostile))).toBe(escaped);
});

it('lines and columns of our own stay', () => {
  expect(heard(process.stdout, () => print('a\tb\nc'))).toBe('a\tb\nc\n');
});

it('JSON stays JSON', () => {
  const line = heard(process.stdout, () => printJson({ [hostile]: hostile }));
  expect(line).toMatch(/^[\x20-\x7e]*\n$/);
  expect(JSON.parse(line)).toEqual({ [hostile]: hostile });
});
