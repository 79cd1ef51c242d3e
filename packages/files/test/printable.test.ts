import { FileError, printable } from '@resnet/files';
import { expect, it } from 'vitest';

it.each([
  ['\x1b]52;c;ZWNobyA=\x07', '\\u{1b}]52;c;ZWNobyA=\\u{7}'], // OSC 52: writes the clipboard
  ['\x9b2J', '\\u{9b}2J'], // a C1 control, CSI in one byte
  ['a\nb\r\u2028', 'a\\u{a}b\\u{d}\\u{2028}'],
  ['\u202egnp.exe', '\\u{202e}gnp.exe'], // turns the direction of what follows
  ["ünï 数据 🐶 cat's", "ünï 数据 🐶 cat's"],
])('writes %j as %j', (text, expected) => {
  expect(printable(text)).toBe(expected);
});

it('keeps what it is told to', () => {
  expect(printable('a\n\tb\x1b', '\n\t')).toBe('a\n\tb\\u{1b}');
});

it('is how an error says a path', () => {
  const error = new FileError({ who: 'read', path: '\x1b[2J', must: 'be readable', got: new Error('EIO: i/o error') });
  expect(error.message).toBe(
    'read: \\u{1b}[2J must be readable, got EIO: i/o error. Check the path, its permissions and its disk.',
  );
});
