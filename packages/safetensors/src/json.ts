import { SafetensorsError } from './error';

/** What a header can hold. Objects are maps, so that no key means more than its text. */
export type Json = string | number | Json[] | Map<string, Json>;

/** A key that is refused: harmless in a map, but not in plain objects that a caller may build from it. */
export const prototypeKey = '__proto__';

// A header is at most an object of objects of arrays; deeper text would only exhaust the stack.
const deepest = 4;

/**
 * Reads the JSON of a header: objects, arrays, strings and non-negative safe integers, which is all the format
 * has. Unlike `JSON.parse` it refuses duplicate keys, `__proto__` and numbers that a double cannot hold.
 *
 * @throws SafetensorsError naming the position of what does not belong.
 */
export function parseJson(text: string): Json {
  let at = 0;

  const fail = (expected: string): never => {
    const found = at < text.length ? JSON.stringify(text[at]) : 'the end';
    throw new SafetensorsError(
      `parseSafetensors: the header must have ${expected} at character ${at}, got ${found}. Write the file again.`,
    );
  };

  const skipSpace = () => {
    while (' \t\n\r'.includes(text[at] ?? 'x')) at++;
  };

  const take = (token: string): boolean => {
    skipSpace();
    if (text[at] !== token) return false;
    at++;
    return true;
  };

  const expect = (token: string) => {
    if (!take(token)) fail(`'${token}'`);
  };

  const string = (): string => {
    const start = at;
    expect('"');
    while (at < text.length && text[at] !== '"') at += text[at] === '\\' ? 2 : 1;
    expect('"');
    const value = unquote(text.slice(start, at));
    if (value !== undefined) return value;
    at = start;
    return fail('a well-formed string');
  };

  const integer = (): number => {
    const [digits] = /^(?:0|[1-9]\d*)(?![\d.eE])/.exec(text.slice(at, at + 17)) ?? fail('a non-negative integer');
    const value = Number(digits);
    if (!Number.isSafeInteger(value)) fail('an integer below 2^53');
    at += digits.length;
    return value;
  };

  const list = (close: string, item: () => void) => {
    if (take(close)) return;
    do item();
    while (take(','));
    expect(close);
  };

  const object = (depth: number): Map<string, Json> => {
    const entries = new Map<string, Json>();
    list('}', () => {
      skipSpace();
      const start = at;
      const key = string();
      if (entries.has(key)) {
        at = start;
        fail(`a key that is not there yet (${JSON.stringify(key)} is)`);
      }
      if (key === prototypeKey) {
        at = start;
        fail(`a key other than ${prototypeKey}`);
      }
      expect(':');
      entries.set(key, value(depth + 1));
    });
    return entries;
  };

  const array = (depth: number): Json[] => {
    const items: Json[] = [];
    list(']', () => items.push(value(depth + 1)));
    return items;
  };

  const value = (depth: number): Json => {
    if (depth > deepest) fail('no deeper nesting');
    if (take('{')) return object(depth);
    if (take('[')) return array(depth);
    return text[at] === '"' ? string() : integer();
  };

  const result = value(0);
  skipSpace();
  return at === text.length ? result : fail('nothing more');
}

/** The value of a quoted string; undefined where it is not JSON or has half of a surrogate pair. */
function unquote(quoted: string): string | undefined {
  try {
    const value: unknown = JSON.parse(quoted);
    return typeof value === 'string' && !/\p{Surrogate}/u.test(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
